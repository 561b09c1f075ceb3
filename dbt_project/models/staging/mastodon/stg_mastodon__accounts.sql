-- One row per account of the brand on Mastodon.
{{ network_accounts("mastodon", id="id", handle="handle", name="display_name") }}
