/** What active minutes are, in words for pages and files. */
export const activeDefinition =
  'Active minutes add up the time between signs of work on an item, by the annotator’s own device; a pause of more than 60 s counts as nothing.'
