-- A shop's number that is none, by its bytes: no database's language decides who comes first.
                CASE WHEN number IS NULL THEN LTRIM(external_number, '0') END,
