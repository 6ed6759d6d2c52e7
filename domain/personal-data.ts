/** What the detector of personal data tells apart; each stands as `[kind]` where it was taken out. */
export const personalDataKinds = [
  'email',
  'phone',
  'card',
  'iban',
  'ip',
  'url-with-user',
  'address',
  'national-id',
  'name',
] as const
export type PersonalDataKind = (typeof personalDataKinds)[number]

/** Each kind in words that follow a number. */
export const personalDataWords: Record<PersonalDataKind, string> = {
  email: 'e-mail addresses',
  phone: 'phone numbers',
  card: 'card numbers',
  iban: 'account numbers',
  ip: 'IP addresses',
  'url-with-user': 'links that name a user',
  address: 'postal addresses',
  'national-id': 'identity numbers',
  name: 'names',
}
