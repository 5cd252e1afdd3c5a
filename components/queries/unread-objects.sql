-- Objects that the last run could not read, and why
SELECT run_number, run_id, object, outcome AS reason, detail
FROM etl_manifest
WHERE kind = 'object'
  AND outcome IN ('archived', 'forbidden', 'failed', 'gone')
  AND run_number = (SELECT max(run_number) FROM etl_manifest WHERE kind = 'run')
ORDER BY object
