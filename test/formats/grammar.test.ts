import { describe, expect, it } from 'vitest'
import { parseDotenv } from '../../formats/compose/dotenv.ts'
import { parsePort, parseVolume } from '../../formats/compose/short.ts'
import { substitute, TemplateError } from '../../formats/compose/template.ts'
import { parseBytes, parseGoDuration, shellWords } from '../../formats/compose/units.ts'

const lookup = (name: string) => ({ SET: 'value', EMPTY: '' })[name]

describe("Compose's interpolation", () => {
  it.each([
    ['$SET', 'value'],
    ['${SET}!', 'value!'],
    ['$$SET', '$SET'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${UNSET-default}', 'default'],
    ['${UNSET:-${EMPTY:-${SET}}}', 'value'],
    ['${SET:+there}', 'there'],
    ['${EMPTY:+there}', ''],
    ['${EMPTY+there}', 'there'],
    ['${SET:?needed}', 'value'],
    ['${UNSET:-{"a": 1}}', '{"a": 1}'],
  ])('makes %s into %s', (text, expected) => {
    expect(substitute(text, lookup).text).toBe(expected)
  })

  it('names variables without a value and leaves them empty', () => {
    expect(substitute('$UNSET/$SET', lookup)).toEqual({
      text: '/value',
      unset: ['UNSET'],
      stray: false,
    })
  })

  it('keeps a dollar that starts nothing, and says so', () => {
    expect(substitute('cost: $5', lookup)).toEqual({ text: 'cost: $5', unset: [], stray: true })
  })

  it.each([
    ['${UNSET:?give it}', 'needs the variable UNSET, which is not set: give it'],
    ['${SET', 'has a "${" that is never closed'],
    ['${1}', 'has "${…}" without the name of a variable'],
    ['${SET/a/b}', 'has "${SET…}", which is no form of substitution'],
  ])('refuses %s', (text, message) => {
    expect(() => substitute(text, lookup)).toThrow(new TemplateError(message))
  })
})

describe('an env file', () => {
  it('takes quotes, comments, exports, variables and values over several lines', () => {
    const text = [
      '# comment',
      'PLAIN=a b # comment',
      'export EXPORTED=1',
      "SINGLE='$SET # kept'",
      'DOUBLE="$SET\\n\\$SET"',
      'MANY="one',
      'two"',
      'REFERS=${PLAIN}!',
      'SET',
      'NOTHING=',
    ].join('\n')
    const { variables, problems } = parseDotenv(text, lookup)
    expect(problems).toEqual([])
    expect(Object.fromEntries(variables)).toEqual({
      PLAIN: 'a b',
      EXPORTED: '1',
      SINGLE: '$SET # kept',
      DOUBLE: 'value\n$SET',
      MANY: 'one\ntwo',
      REFERS: 'a b!',
      SET: 'value',
      NOTHING: '',
    })
  })

  it('names the line that is no variable', () => {
    expect(parseDotenv('A=1\nno variable\n', lookup).problems).toEqual([
      { line: 2, message: 'is no KEY=value' },
    ])
  })
})

describe("Docker's units", () => {
  it.each([
    ['128m', 134_217_728],
    ['128mb', 134_217_728],
    ['1.5GiB', 1_610_612_736],
    ['512', 512],
    ['4 kb', 4096],
    ['12 apples', undefined],
    ['', undefined],
  ])('reads %s as binary bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each([
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['1500us', 2],
    ['0', 0],
    ['30', undefined],
    ['1 minute', undefined],
  ])('reads %s as a Go duration', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds)
  })

  it.each([
    ['a "b c" d', ['a', 'b c', 'd']],
    ["sh -c 'echo $HOME'", ['sh', '-c', 'echo $HOME']],
    ['a\\ b ""', ['a b', '']],
    ['"\\n \\" \\\\"', ['\\n " \\']],
    ['"open', undefined],
  ])('splits %s as a shell would', (line, words) => {
    expect(shellWords(line)).toEqual(words)
  })
})

describe('short forms', () => {
  it.each([
    ['80', { target: '80' }],
    ['8080:80', { published: '8080', target: '80' }],
    [
      '127.0.0.1:8080:80/udp',
      { hostIp: '127.0.0.1', published: '8080', target: '80', protocol: 'udp' },
    ],
    ['127.0.0.1::80', { hostIp: '127.0.0.1', target: '80' }],
    ['[::1]:8080:80', { hostIp: '[::1]', published: '8080', target: '80' }],
    ['3000-3005:3000-3005', { published: '3000-3005', target: '3000-3005' }],
    ['http', undefined],
  ])('takes the port %s apart', (text, parts) => {
    expect(parsePort(text)).toEqual(parts)
  })

  it.each([
    ['/data', { target: '/data', modes: [] }],
    ['data:/data', { source: 'data', target: '/data', modes: [] }],
    ['./a:/a:ro,z', { source: './a', target: '/a', modes: ['ro', 'z'] }],
    ['C:\\a:/a:ro', { source: 'C:\\a', target: '/a', modes: ['ro'] }],
  ])('takes the volume %s apart', (text, parts) => {
    expect(parseVolume(text)).toEqual(parts)
  })
})
