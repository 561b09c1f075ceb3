-- One row per page of the brand on Facebook, whose days end at midnight Pacific time.
{{ network_accounts("facebook", id="id", handle="username", name="name", time_zone="America/Los_Angeles") }}
