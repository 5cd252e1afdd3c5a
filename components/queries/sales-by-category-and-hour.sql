-- Sales of each category in each hour, UTC
SELECT category,
       date_trunc('hour', ts) AS sales_hour,
       count(*) AS events,
       sum(sales) AS sales
FROM curated_sales_txns
WHERE event_type = 'sale_event'
GROUP BY category, date_trunc('hour', ts)
ORDER BY sales_hour, category
