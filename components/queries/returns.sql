-- Returned items by category, with their share of all sales, of the last 90 days
SELECT category,
       sum(CASE WHEN is_return THEN 1 ELSE 0 END) AS returns,
       sum(CASE WHEN is_return THEN sales ELSE 0 END) AS returned_sales,
       round(100.0 * sum(CASE WHEN is_return THEN 1 ELSE 0 END) / count(*), 1) AS percent_returned
FROM curated_sales_txns
WHERE dt >= cast(cast(current_date - interval '90' day AS date) AS varchar)
  AND event_type = 'sale_event'
GROUP BY category
ORDER BY returns DESC, category
