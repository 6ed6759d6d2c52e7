import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { redactText } from './redact-text'

const redact = (text: string, names: string[] = []) => redactText(text, { names })

describe('what is taken out before anything is shared', () => {
  it.each([
    ['Write to ines.costa@example.org or to me.', 'Write to [e-mail] or to me.'],
    ['It is on https://example.com/a?b=c and on example.org.', 'It is on [link] and on [link].'],
    ['Call me on +44 20 7946 0958.', 'Call me on [number].'],
    ['Call me on (555) 010-9999 please.', 'Call me on [number] please.'],
    ['It is 3 pm, or 15:30.', 'It is [number], or [number].'],
    ['It costs €1,250.00 in all.', 'It costs [number] in all.'],
    ['The code is AB12-XY9.', 'The code is [number].'],
    ['Come to 12b Harbour View Road at noon.', 'Come to [address] at noon.'],
    ['We live in the Lindenstraße 7.', 'We live in the [address].'],
    ['Our code is SW1A 1AA.', 'Our code is [address].'],
    ['Hi Ines, that works for me.', 'Hi [name], that works for me.'],
    ['hi ines, that works for me.', 'hi [name], that works for me.'],
    ['Thanks, Sam!', 'Thanks, [name]!'],
    ['That works.\nBest wishes,\nMira Kovač', 'That works.\nBest wishes,\n[name]'],
    ['I will ask Tunde Okafor tomorrow.', 'I will ask [name] tomorrow.'],
    ['Tunde will come too.', '[name] will come too.'],
    ["Can I take Anna's bike?", "Can I take [name]'s bike?"],
    ['Ask @leila_n about it.', 'Ask [name] about it.'],
    ['Sure, ines. Otherwise Tunde can.', 'Sure, [name]. Otherwise [name] can.'],
    [
      'Hurry, Leila! Mira said so. Probably Sam knows.',
      'Hurry, [name]! [name] said so. Probably [name] knows.',
    ],
    ['No hurry, Ana.\nOtherwise,\nJo', 'No hurry, [name].\nOtherwise,\n[name]'],
    ['The Acme invoice is late.', 'The [name] invoice is late.'],
  ])('%s', (text, expected) => expect(redact(text)).toBe(expected))

  it.each([
    'Yes, that works for me.',
    "Sorry, I can't make it on Monday.",
    'Thanks for the help!',
    'Thank you so much, see you then.',
    'Could we do it in June?',
    "I'll bring it. What time?",
    'No hurry. Otherwise I can come later.',
    'Definitely! Whichever suits you. Regarding the invoice, it is paid.',
    "Probably not. Hasn't it been moved? Apologies for that.",
  ])('nothing of “%s”', text => expect(redact(text)).toBe(text))

  it('the names of those who took part, also in lower case and at the start', () => {
    expect(redact('did jo reyes say when? Jo knows.', ['Jo Reyes'])).toBe(
      'did [name] say when? [name] knows.',
    )
    expect(redact('I will be there.', ['Will Smith'])).toBe('I will be there.')
  })

  it('nothing of the replies that ship, which were written without people in them', () => {
    const replies = readFileSync('models/smart-reply/pairs.txt', 'utf8')
      .split('\n')
      .filter(line => /^(?:agree|decline|ask-back|inform|thank|greet): /u.test(line))
      .map(line => line.slice(line.indexOf(': ') + 2))
    const changed = replies.filter(reply => redact(reply) !== reply)
    expect(changed.length / replies.length, changed.join('\n')).toBeLessThan(0.03)
  })

  it('is quick on long and hostile text', () => {
    // Of this process's own time: a loaded machine takes none of it.
    const begun = process.cpuUsage()
    for (const text of [
      'A '.repeat(10_000),
      '1-'.repeat(10_000),
      'Aa'.repeat(10_000),
      'hi '.repeat(7_000),
      `${'Ab '.repeat(6_000)}road`,
    ])
      redact(text.slice(0, 20_000))
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(3_000)
  })
})
