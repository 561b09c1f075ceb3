-- One row per account of the brand on X.
{{ network_accounts("x", id="id", handle="username", name="name") }}
