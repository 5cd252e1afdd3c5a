-- Sales, events and returns of each store, highest sales first, of the last 90 days
SELECT store_id,
       count(*) AS events,
       sum(qty) AS items,
       sum(sales) AS sales,
       sum(CASE WHEN is_return THEN 1 ELSE 0 END) AS returns
FROM curated_sales_txns
WHERE dt >= cast(cast(current_date - interval '90' day AS date) AS varchar)
  AND event_type = 'sale_event' AND store_id IS NOT NULL
GROUP BY store_id
ORDER BY sales DESC, store_id
