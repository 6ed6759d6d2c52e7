import type { GuardrailResult, GuardrailSettings, InputRule } from '@/domain/guardrails'
import { languageName, languageOf } from './language'
import { lastReceivedText, messagesOf, withoutQuotes } from './message-text'
import { findSensitiveTopic } from './sensitive-topics'
import type { SmartReplyPayload } from './task'
import { whyNoReply } from './trigger'

const trigger: InputRule<SmartReplyPayload> = {
  rule: 'trigger',
  check(payload) {
    const why = whyNoReply(payload)
    return why === null
      ? { verdict: 'pass', rule: 'trigger', reason: 'The message seems to expect a reply.' }
      : { verdict: 'suppress', rule: 'trigger', reason: why.reason, detail: { because: why.because } }
  },
}

const sensitiveTopic: InputRule<SmartReplyPayload> = {
  rule: 'sensitive-topic',
  safety: true,
  check(payload, settings): GuardrailResult {
    const rule = 'sensitive-topic'
    if (!settings.blockSensitiveTopics)
      return { verdict: 'pass', rule, reason: 'This project answers sensitive topics too.' }
    const recent = messagesOf(payload).received.slice(-3)
    const found = findSensitiveTopic([payload.subject, ...recent.map(message => withoutQuotes(message.text))])
    return found === null
      ? { verdict: 'pass', rule, reason: 'No sensitive topic found.' }
      : {
          verdict: 'suppress',
          rule,
          reason: `No suggestion for this one. It seems to be about ${found.label}; that is better in your own words.`,
          detail: { topic: found.id },
        }
  },
}

const language: InputRule<SmartReplyPayload> = {
  rule: 'language',
  check(payload, settings: GuardrailSettings): GuardrailResult {
    const rule = 'language'
    const found = languageOf(lastReceivedText(payload), payload.lang)
    if (found === null)
      return { verdict: 'pass', rule, reason: 'Too short to tell the language.', detail: { language: null } }
    if (settings.languages.includes(found))
      return { verdict: 'pass', rule, reason: 'The model knows this language.', detail: { language: found } }
    return {
      verdict: 'suppress',
      rule,
      reason: `No suggestion for this one. It seems to be in ${languageName(found)}, which the model does not know.`,
      detail: { language: found },
    }
  },
}

/** What is asked of a thread before any suggestion: is a reply expected, may a model answer it, can it. */
export const smartReplyGuardrails = {
  version: 'smart-reply-1',
  rules: [trigger, sensitiveTopic, language],
}
