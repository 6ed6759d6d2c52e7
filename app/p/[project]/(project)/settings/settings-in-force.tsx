import { FieldList } from '@/components/ui/field-list'
import type { Settings } from '@/contract/v1/settings'
import { percent } from '@/domain/percent'
import { rollbackMetricWords } from '@/domain/serving-words'
import { modeWords } from './mode-words'

/** The settings for those who may see but not change them. */
export function SettingsInForce({ settings, readsText }: { settings: Settings; readsText: boolean }) {
  const { guardrails, serving } = settings
  return (
    <FieldList
      items={[
        { term: 'Project name', value: settings.name },
        { term: 'Task', value: settings.taskLabel },
        { term: 'Harm class', value: `${settings.harmClass}. ${settings.harmMeans}` },
        { term: 'Mode', value: `${modeWords[settings.mode].label}. ${modeWords[settings.mode].means}` },
        { term: 'Time zone', value: settings.timeZone },
        { term: 'Least confidence', value: guardrails.confidenceThreshold.toFixed(2) },
        { term: 'Longest suggestion', value: `${guardrails.maxLength} characters` },
        ...(readsText
          ? [
              {
                term: 'Sensitive topics',
                value: guardrails.blockSensitiveTopics ? 'left to the person' : 'suggested for',
              },
              { term: 'Languages', value: guardrails.languages.join(', ') },
            ]
          : []),
        { term: 'Left out to measure', value: percent(serving.holdbackShare) },
        { term: 'Order drawn by lot', value: percent(serving.explorationShare) },
        {
          term: 'Taken back by itself',
          value:
            serving.rollbackRules
              .map(rule => `when ${rollbackMetricWords[rule.metric]} exceeds ${percent(rule.bound)}`)
              .join('; ') || 'never',
        },
        { term: 'Blocked words', value: guardrails.blockedPatterns.join(', ') || 'none' },
      ]}
    />
  )
}
