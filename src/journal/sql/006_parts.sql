-- Parts of documents lie on the shelf (room shelf, pieces): what is on its way is asked for from its
-- beginning.
DROP TABLE journal_part;
UPDATE journal_want SET have = 0, total = 0;
