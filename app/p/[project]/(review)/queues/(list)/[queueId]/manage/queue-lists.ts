/** Lists of a queue's items by how they stand; the address names one. */
export const queueLists = ['open', 'parked', 'disputed', 'flagged', 'resolved'] as const
export type QueueListName = (typeof queueLists)[number]
