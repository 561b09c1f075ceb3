-- One row per page of an organisation of the brand on LinkedIn.
{{ network_accounts("linkedin", id="urn", handle="vanity_name", name="name") }}
