/** SQL: whether an item's truth is set by a curator. What measures people is never what a model learns from. */
export const isGold = (projectId: string, itemId: string) =>
  `EXISTS (SELECT FROM gold_items g WHERE g.project_id = ${projectId} AND g.item_id = ${itemId} AND g.retired_at IS NULL)`
