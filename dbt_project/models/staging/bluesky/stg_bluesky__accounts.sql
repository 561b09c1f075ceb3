-- One row per profile of the brand on Bluesky.
{{ network_accounts("bluesky", id="did", handle="handle", name="display_name") }}
