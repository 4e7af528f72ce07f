/** The pages of the command line, out of the help that its commands print. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** The page, as it stands in docs/cli.md. */
export function cliPage(root) {
  const main = join(root, 'dist/src/cli/main.js')
  const said = (...args) => execFileSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  const { options, commands } = JSON.parse(said('help', '--json'))
  const groups = [...new Set(commands.map(({ group }) => group))]
  const listed = groups.flatMap((group) => [
    `- ${group}: ${commands
      .filter((command) => command.group === group)
      .map(({ name }) => `[\`${name}\`](#${name})`)
      .join(', ')}`,
  ])
  const [, rules = ''] = said('--help').split(/\n(?=A version is given as)/)
  return `${[
    '# The command line',
    '',
    'Made by `npm run docs` out of the help that the commands print (`iu help <command>`). The program is `inner-universe`, `iu`',
    'for short.',
    '',
    ...listed,
    '',
    'Options of every command:',
    '',
    ...tableOf(options),
    '',
    '```text',
    rules.trimEnd(),
    '```',
    '',
    'Data goes to stdout, everything else to stderr. Through a pipe the output is plain and stable: whole times in UTC, no colour,',
    'no cut lines. On a terminal times are relative and colours on; `NO_COLOR` turns them off, `FORCE_COLOR` on elsewhere. With',
    '`--json` an answer is one JSON document, and an error one JSON object on stderr:',
    '',
    '```json',
    '{ "error": { "code": "NOT_FOUND", "message": "…", "details": { "what": "Entity", "id": "…" }, "hint": null } }',
    '```',
    '',
    'A page has at most 1,000 items; where there are more, stderr says how to go on (`--cursor`), and with `--json` the document',
    'has a `cursor`. All pages are of one state.',
    '',
    ...commands.flatMap(sectionOf),
  ]
    .join('\n')
    .trimEnd()}\n`
}

function sectionOf({ name, description, usage, arguments: given, options, details, examples }) {
  return [
    `## ${name}`,
    '',
    description,
    '',
    '```text',
    usage,
    '```',
    '',
    ...(given.length > 0 ? [...given.map(argumentOf), ''] : []),
    ...(options.length > 0 ? [...tableOf(options), ''] : []),
    ...(details === null ? [] : detailsOf(details)),
    'Examples:',
    '',
    '```text',
    ...examples.flatMap(({ call, purpose }) => [`# ${purpose}`, call]),
    '```',
    '',
  ]
}

/** Prose is a paragraph; what stands in columns stays as it is. */
function detailsOf(text) {
  return / {2}/.test(text) ? ['```text', text, '```', ''] : [text, '']
}

function argumentOf({ name, description, choices }) {
  return `- \`<${name}>\`: ${description}${choices === null ? '' : ` (${choices.join(', ')})`}`
}

function tableOf(options) {
  const cell = (text) => text.replaceAll('|', '\\|')
  return [
    '| option | |',
    '| --- | --- |',
    ...options.map(({ flags, description, choices, default: preset }) => {
      const notes = [
        ...(choices === null ? [] : [choices.join(', ')]),
        ...(preset === null ? [] : [`default: ${preset}`]),
      ]
      return `| \`${cell(flags)}\` | ${cell(description)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |`
    }),
  ]
}
