-- Events without a store, by day and type, of the last 90 days
SELECT dt,
       event_type,
       count(*) AS incomplete_events
FROM curated_sales_txns
WHERE dt >= cast(cast(current_date - interval '90' day AS date) AS varchar)
  AND (bad_msg OR store_id IS NULL)
GROUP BY dt, event_type
ORDER BY dt, event_type
