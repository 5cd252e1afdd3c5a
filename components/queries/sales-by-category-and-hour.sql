-- Sales of each category in each hour, UTC, of the last 90 days
SELECT category,
       date_trunc('hour', ts) AS sales_hour,
       count(*) AS events,
       sum(sales) AS sales
FROM curated_sales_txns
WHERE dt >= cast(cast(current_date - interval '90' day AS date) AS varchar)
  AND event_type = 'sale_event'
GROUP BY category, date_trunc('hour', ts)
ORDER BY sales_hour, category
