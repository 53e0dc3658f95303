-- That a purchase p had something in it with a price: one paid in points has, one of gifts only not.
(
    p.amount > 0
    OR EXISTS (
        SELECT 1 FROM loyalty_purchaseline l
        WHERE l.purchase_id = p.id AND l.quantity > 0 AND l.unit_price > 0
    )
)
