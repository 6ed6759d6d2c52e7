/** What people say on a card, in the order of its sections (Gebru 2021, Datasheets for Datasets). */
export const proseFields = [
  'motivation',
  'composition',
  'collection',
  'goodFor',
  'notFor',
  'maintenance',
] as const
export type ProseField = (typeof proseFields)[number]

/** The heading of each part and what it answers. */
export const proseWords: Record<ProseField, { label: string; asks: string }> = {
  motivation: { label: 'Motivation', asks: 'Why was it made, by whom, and who paid for it?' },
  composition: { label: 'Composition', asks: 'What is one row, and what is missing from it?' },
  collection: { label: 'Collection', asks: 'How did the rows come about, and what did people know of it?' },
  goodFor: { label: 'Good for', asks: 'What may be learned or measured with it?' },
  notFor: { label: 'Not for', asks: 'For what should it not be used, and why?' },
  maintenance: { label: 'Maintenance', asks: 'Who answers for it, and when does the next version come?' },
}

/** Longest text of one part, in characters. */
export const longestProse = 10_000
