-- Returned items by category, with their share of all sales
SELECT category,
       sum(CASE WHEN is_return THEN 1 ELSE 0 END) AS returns,
       sum(CASE WHEN is_return THEN sales ELSE 0 END) AS returned_sales,
       round(100.0 * sum(CASE WHEN is_return THEN 1 ELSE 0 END) / count(*), 1) AS percent_returned
FROM curated_sales_txns
WHERE event_type = 'sale_event'
GROUP BY category
ORDER BY returns DESC, category
