import { describe, expect, it } from 'vitest'
import { guardrailSettingsSchema } from '@/domain/guardrails'
import { editDistance } from './edit-distance'
import { languageOf } from './language'
import { type SmartReplyPayload, smartReply } from './task'

const settings = guardrailSettingsSchema.parse({})
const thread = (
  text: string,
  more: Partial<SmartReplyPayload> & { author?: string } = {},
): SmartReplyPayload => {
  const { author = 'Sam Okoro', ...rest } = more
  return { subject: '', messages: [{ author, fromMe: false, sentAt: null, text }], ...rest }
}
const firstObjection = (payload: SmartReplyPayload) => {
  for (const rule of smartReply.guardrails.rules) {
    const result = rule.check(payload, settings)
    if (result.verdict !== 'pass') return result
  }
  return null
}

describe('edit distance', () => {
  // Levenshtein's textbook pair: three edits over seven letters.
  it.each([
    ['kitten', 'sitting', 3 / 7],
    ['', '', 0],
    ['', 'abc', 1],
    ['same', 'same', 0],
    ['👍', '👎', 1],
    ['a👍', 'a👎', 1 / 2],
  ])('“%s” to “%s”', (a, b, distance) => {
    expect(editDistance(a, b)).toBeCloseTo(distance, 12)
  })
})

describe('what counts as unchanged', () => {
  it.each([
    ['Yes.', ' Yes.\n', true],
    ['Yes.', 'yes.', false],
    ['Yes.', 'Yes', false],
    ['Yes, I can.', 'Yes,  I can.', false],
  ])('“%s” and “%s”: %s', (a, b, same) => {
    expect(smartReply.sameValue({ text: a }, { text: b })).toBe(same)
  })
})

describe('the text that is answered', () => {
  it('is the last received one without quotes and signature', () => {
    const payload = thread('Can you come?\n-- \nSam')
    expect(smartReply.inputText(payload)).toBe('Can you come?')
    expect(smartReply.inputText(thread('Yes.\nOn Monday, 2 November 2026, Jo wrote:\n> Coming?\nold'))).toBe(
      'Yes.',
    )
    expect(smartReply.inputText(thread('> quoted\nMine.'))).toBe('Mine.')
  })
})

describe('the trigger', () => {
  it.each([
    ['a newsletter', thread('Ten tips for your balcony. Unsubscribe here.')],
    ['a receipt', thread('Total: €12.50', { subject: 'Your receipt' })],
    ['a no-reply sender', thread('Your statement is ready.', { author: 'no-reply@bank.example' })],
    ['a sign-in code', thread('Your verification code is 123456.')],
    ['a message that wants no reply', thread('The room has changed to B2. No need to reply.')],
    ['plain information', thread('FYI: the lift is being serviced on Tuesday.')],
    ['a broadcast that asks nothing', thread('Dear residents, the hallway has been painted.')],
    ['an empty message', thread('   ')],
  ])('keeps silent on %s', (_name, payload) => {
    expect(firstObjection(payload)).toMatchObject({ rule: 'trigger', verdict: 'suppress' })
  })

  it('keeps silent when the person wrote last', () => {
    const payload = thread('Can you come?')
    payload.messages.push({ author: 'Jo', fromMe: true, sentAt: null, text: 'Yes.' })
    expect(firstObjection(payload)).toMatchObject({
      rule: 'trigger',
      detail: { because: 'own-message-last' },
    })
  })

  it('answers information and broadcasts that ask something', () => {
    expect(firstObjection(thread('FYI: the lift is being serviced. Can you let the mechanic in?'))).toBeNull()
    expect(firstObjection(thread('Hi all, who can bring a grill?'))).toBeNull()
  })
})

describe('sensitive topics', () => {
  it.each([
    ['grief', 'My uncle passed away last night.'],
    ['illness', 'They say it is cancer.'],
    ['law', 'My lawyer will contact you.'],
    ['anger', 'This is unacceptable and you know it.'],
    ['anger', 'WHY DO YOU NEVER ANSWER'],
    ['self-harm', 'I think about suicide.'],
    ['money-distress', 'We can’t afford the heating.'],
    ['violence', 'He threatened me with a knife.'],
  ])('%s: “%s”', (topic, text) => {
    expect(firstObjection(thread(text))).toMatchObject({ rule: 'sensitive-topic', detail: { topic } })
  })

  it.each([
    'My phone died, can you send me the address again?',
    'The deadline is on Friday, can you make it?',
    'Shall we book the tennis court?',
    'Will you be there?',
    'I look forward to hearing from you. Does Monday suit you?',
    'I’ll bring the salad. Anything else?',
    'The chocolate cake is to die for, want the recipe?',
  ])('leaves everyday words alone: “%s”', text => {
    expect(firstObjection(thread(text))).toBeNull()
  })

  it('looks at the subject and at what was said just before', () => {
    expect(firstObjection(thread('Can you come at two?', { subject: 'Funeral on Monday' }))?.rule).toBe(
      'sensitive-topic',
    )
    const payload = thread('Grandpa died this morning.')
    payload.messages.push({ author: 'Sam', fromMe: false, sentAt: null, text: 'Can you call me?' })
    expect(firstObjection(payload)?.rule).toBe('sensitive-topic')
  })

  it('can be switched off', () => {
    const off = { ...settings, blockSensitiveTopics: false }
    const rule = smartReply.guardrails.rules.find(({ rule }) => rule === 'sensitive-topic')
    expect(rule?.check(thread('My uncle passed away.'), off).verdict).toBe('pass')
  })
})

describe('language', () => {
  it.each([
    'Ok',
    'Thanks!',
    'Running late!',
    'Dinner Friday?',
    'Parcel arrived',
    'Nice pics Anna',
    'lol ok',
    'See ya',
    'Lunch?',
    'Coffee?',
  ])('short English passes: “%s”', text => {
    expect([null, 'en']).toContain(languageOf(text))
  })

  it.each([
    ['es', '¿Podemos cambiar la reunión al lunes por la mañana?'],
    ['de', 'Kannst du morgen Abend auf die Kinder aufpassen?'],
    ['fr', 'Est-ce que tu peux venir demain à dix heures ?'],
    ['it', 'Possiamo spostare la riunione a lunedì mattina?'],
    ['ar', 'هل يناسبك يوم الخميس؟'],
    ['he', 'אפשר להיפגש מחר?'],
    ['ja', '明日会えますか'],
    ['ru', 'Можешь завтра прийти?'],
  ])('%s is told: “%s”', (code, text) => {
    expect(languageOf(text)).toBe(code)
    expect(firstObjection(thread(text))).toMatchObject({ rule: 'language', verdict: 'suppress' })
  })

  it('takes the declared language where the words don’t contradict it', () => {
    expect(languageOf('Hola', 'es')).toBe('es')
    expect(languageOf('Can you send me the agenda please?', 'es-MX')).toBe('en')
  })

  it('lets a project allow more languages', () => {
    const rule = smartReply.guardrails.rules.find(({ rule }) => rule === 'language')
    expect(
      rule?.check(thread('Kannst du morgen kommen, bitte?'), { ...settings, languages: ['en', 'de'] })
        .verdict,
    ).toBe('pass')
  })
})
