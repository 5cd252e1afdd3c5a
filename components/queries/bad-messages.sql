-- Events that came without their store, by day and type
SELECT dt,
       event_type,
       count(*) AS bad_messages
FROM curated_sales_txns
WHERE bad_msg OR store_id IS NULL
GROUP BY dt, event_type
ORDER BY dt, event_type
