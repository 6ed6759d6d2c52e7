/** The three ways to begin, as they stand in the address. */
export const starts = {
  app: { label: 'I have an app', means: 'It asks Amend for suggestions and sends what people decide.' },
  model: {
    label: 'I have a model',
    means: 'It predicts by itself and pushes its predictions, or use the built-in one.',
  },
  data: {
    label: 'I only have data',
    means: 'A CSV or JSON Lines file, a zip of pictures, or items of your own.',
  },
} as const
export type Start = keyof typeof starts

export const isStart = (name: string | null): name is Start => name !== null && Object.hasOwn(starts, name)
