-- The history of a repository shows on what evidence its tags, or it itself, left: found without reading through all that
-- ever left the registry.
CREATE INDEX departures_by_repository ON departures (registry_id, repository, tag, at);
