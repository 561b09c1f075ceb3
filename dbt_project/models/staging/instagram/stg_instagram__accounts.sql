-- One row per account of the brand on Instagram, whose days end at midnight Pacific time.
{{ network_accounts("instagram", id="id", handle="username", name="name", time_zone="America/Los_Angeles") }}
