import { gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { toEu } from '../../src/painel/meu.js'
import { Eu } from '../../src/painel/schema/eu.js'
import { Vez as View } from '../../src/painel/schema/vez.js'
import { seenOf, summary, toView } from '../../src/painel/snapshot.js'
import type { Protocolo } from '../../src/protocolos/model.js'
import type { Consultor } from '../../src/vez/document.js'
import { consultor, later, T0, vezOf } from '../support/vez.js'

const FIRST =
  'Ana Bruno Caio Dora Elisa Fábio Gilda Hugo Íris João Kátia Lia Mário Nádia Otávio Paula Rui Sônia Tiago Vera'.split(
    ' ',
  )
const LAST =
  'Almeida Barros Castro Duarte Esteves Farias Gomes Herrera Iglesias Junqueira Lima Macedo Nunes Oliveira'.split(' ')
/** The same numbers each time, in no order. */
const scattered = (place: number, most: number): number => (place * 7_919 + 104_729) % most

const crowd = (size: number): Partial<Consultor>[] =>
  Array.from({ length: size }, (_, place) => ({
    nome: `${FIRST[scattered(place, 20)]} ${LAST[scattered(place * 3, 14)]} ${LAST[scattered(place * 5 + 1, 14)]}`,
    idiomas: place % 5 === 0 ? ['pt', 'en'] : place % 7 === 0 ? ['pt', 'es'] : ['pt'],
    online: place % 4 !== 0,
    turno: 10_000 + scattered(place, 997),
    ultimo_atendimento: later(scattered(place, 7_211)),
    desde: later(-scattered(place * 11, 30_011)),
    desde_por: place % 3 === 0 ? `eu:${place + 1}` : 'chave:0123456789abcdef',
  }))

const protocolo = (n: number, more: Partial<Protocolo> = {}): Protocolo => ({
  _id: n,
  n,
  numero: `#${n}`,
  versao: n,
  lugar: 1,
  lote: 'x',
  created_at: later(n),
  prioridade: 'normal',
  status: 'aberto',
  responsavel_id: 1,
  ultimo_contato_em: later(n),
  historico: [],
  rev: 0,
  consultor_id: 1,
  consultor_nome: 'Ana Lima',
  idioma: 'pt',
  por: 'regra',
  candidatos: 150,
  contato: { ids: [`x:${n}`], nome: 'Zuleica Prado' },
  ...more,
})

it('fits 200 people into 5 kB, and says of nobody more than the schema', () => {
  const last = Array.from({ length: 10 }, (_, place) => protocolo(11_000 - place, { pulados: { offline: [1, 5, 9] } }))
  const view = toView(seenOf(vezOf(crowd(200), { seq: 11_000 }), last, later(60), 20_000), { customers: true })
  expect(View.parse(view)).toEqual(view)
  expect(view.pessoas).toHaveLength(200)
  expect(gzipSync(JSON.stringify(view)).length).toBeLessThan(5 * 1_024)
})

it('names no customer on the wall', () => {
  const waiting = {
    id: 'w',
    chave: 'k',
    idioma: 'pt',
    contato: { ids: ['a'], nome: 'Zuleica' },
    desde: T0,
    ate: later(600),
  }
  const seen = seenOf(vezOf([{ online: false }], { espera: [waiting], seq: 1 }), [protocolo(1)], T0, 0)
  expect(JSON.stringify(toView(seen, { customers: true }))).toContain('Zuleica')
  expect(JSON.stringify(toView(seen, { customers: false }))).not.toContain('Zuleica')
})

it('says who is next in each language, who is out and why, and who is held', () => {
  const people = [
    consultor({ nome: 'Ana', turno: 5, espera_em: later(-5) }),
    consultor({ nome: 'Bia', turno: 3, idiomas: ['pt', 'en'] }),
    consultor({ nome: 'Caio', turno: 1, online: false, desde: T0, desde_por: 'eu:3', desde_motivo: 'almoço' }),
    consultor({ nome: 'Dora', turno: 2, idiomas: ['fr'], sequencial: false }),
    consultor({ nome: 'Eva', turno: 9, idiomas: ['es'], online: false }),
  ]
  const { filas, pessoas } = toView(seenOf(vezOf(people), [], T0, 20_000), { customers: true })
  expect(filas.map(({ idioma, ordem, motivo, frase }) => [idioma, ordem, motivo, frase])).toEqual([
    ['es', [], 'ninguem_online', '1 offline, 3 não falam espanhol e 1 fora da sequência'],
    ['en', [2], undefined, undefined],
    ['pt', [2, 1], undefined, undefined],
  ])
  const [caio, , , ana] = pessoas
  expect(caio).toMatchObject({ nome: 'Caio', fora: ['offline'], por: 'ele mesmo', motivo: 'almoço' })
  expect(ana).toMatchObject({ nome: 'Ana', retido_ate: Math.floor(later(15).getTime() / 1_000) })
})

it('tells a consultor his place and who is before him, and no customer', () => {
  const people = [
    consultor({ nome: 'Ana', turno: 1 }),
    consultor({ nome: 'Bia', turno: 2 }),
    consultor({ ativo: false }),
  ]
  const seen = seenOf(vezOf(people, { seq: 2 }), [protocolo(2, { consultor_id: 2 })], T0, 0)
  const bia = toEu(seen, 2)
  expect(Eu.parse(bia)).toEqual(bia)
  expect(bia?.lugares).toEqual([{ idioma: 'pt', equipe: null, posicao: 2, a_frente: ['Ana'], de: 2, esperando: 0 }])
  expect([bia?.ultimo?.n, bia?.colegas.map(({ nome }) => nome)]).toEqual([2, ['Ana']])
  expect(JSON.stringify(bia)).not.toContain('Zuleica')
  expect([toEu(seen, 3), toEu(seen, 4)]).toEqual([undefined, undefined])
})

it.each([
  [{ candidatos: 1 }, 'Era o único que podia.'],
  [
    { candidatos: 3, pulados: { offline: [1, 2], idioma: [4] }, pulados_cortados: { offline: 2 } },
    'Era o primeiro de 3. Antes dele: 4 offline e 1 não fala português.',
  ],
  [{ por: 'preferido' as const }, 'Fora da vez: o pedido o preferia. O lugar dele na fila não mudou.'],
])('says in one sentence why: %j', (more, said) => {
  expect(summary(protocolo(1, more))).toBe(said)
})

it('tells the line of each team beside that of all, hours and limits', () => {
  const ate = later(3_600_000)
  const vez = vezOf(
    [
      { nome: 'Ana', idiomas: ['pt'], equipes: ['Pós-venda'], limite: 2, abertos: 1 },
      { nome: 'Bia', idiomas: ['pt', 'es'], horario: { dentro: false, desde: T0, ate } },
    ],
    {},
  )
  const seen = seenOf(vez, [], T0, 0)
  const view = toView(seen, { customers: true })
  expect(View.parse(view)).toEqual(view)
  expect(view.filas.map(({ idioma, equipe, ordem }) => [idioma, equipe, ordem])).toEqual([
    ['es', undefined, []],
    ['pt', undefined, [1]],
    ['pt', 'Pós-venda', [1]],
  ])
  expect(view.pessoas).toMatchObject([
    { equipes: ['Pós-venda'], abertos: 1, limite: 2 },
    { fora: ['horario'], horario: { dentro: false, ate: Math.floor(ate.getTime() / 1_000) } },
  ])
  expect(Eu.parse(toEu(seen, 1)).lugares).toMatchObject([
    { idioma: 'pt', equipe: null, posicao: 1 },
    { idioma: 'pt', equipe: 'Pós-venda', posicao: 1 },
  ])
})
