const most = 16

/** A name as a plot has room for it: of a long one both ends, since versions often differ in the last letters alone. */
export const plotName = (name: string): string =>
  name.length > most ? `${name.slice(0, 7)}…${name.slice(-8)}` : name
