import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../api.js'
import type { Membro, MudancaDeMembro } from '../contrato.js'
import { DIAS, type Escrito, read, written } from '../horario.js'
import { Confirmar } from '../pecas/dialogo.js'
import { useFeito } from '../pecas/feito.js'
import { Icone } from '../pecas/icone.js'
import { painel } from '../textos.js'

const palavras = painel.equipe

interface Fields {
  readonly nome: string
  readonly idiomas: string
  readonly email: string
  readonly telefone: string
  readonly id_pipedrive: string
  readonly equipes: string
  readonly limite: string
  readonly horario: Escrito
  readonly ativo: boolean
}

const toFields = (membro: Membro | undefined): Fields => ({
  nome: membro?.nome ?? '',
  idiomas: membro?.idiomas.join(', ') ?? 'pt',
  email: membro?.email ?? '',
  // It is told masked: written again only when somebody writes it.
  telefone: '',
  id_pipedrive: membro?.id_pipedrive?.toString() ?? '',
  equipes: membro?.equipes.join(', ') ?? '',
  limite: membro?.limite?.toString() ?? '',
  horario: written(membro?.horario),
  ativo: membro?.ativo ?? true,
})

/** Only what was changed; a text that was emptied becomes `null`. */
function toChange(membro: Membro | undefined, fields: Fields): MudancaDeMembro {
  const before = toFields(membro)
  const has = (key: keyof Fields): boolean =>
    membro === undefined || JSON.stringify(fields[key]) !== JSON.stringify(before[key])
  const orNull = (text: string): string | null => text.trim() || null
  const numberOrNull = (text: string): number | null => (text.trim() === '' ? null : Number(text))
  return {
    ...(has('nome') && { nome: fields.nome.trim() }),
    ...(has('idiomas') && { idiomas: fields.idiomas.split(/[\s,;]+/).filter(Boolean) }),
    ...(has('email') && { email: orNull(fields.email) }),
    ...(fields.telefone.trim() !== '' && { telefone: fields.telefone.trim() }),
    ...(has('id_pipedrive') && { id_pipedrive: numberOrNull(fields.id_pipedrive) }),
    ...(has('equipes') && { equipes: names(fields.equipes) }),
    ...(has('limite') && { limite: numberOrNull(fields.limite) }),
    ...(has('horario') && { horario: read(fields.horario, membro?.horario) }),
    ...(has('ativo') && { ativo: fields.ativo }),
  }
}

/** A team's name may have spaces in it. */
const names = (text: string): string[] =>
  text
    .split(/[,;]+/)
    .map((one) => one.trim())
    .filter(Boolean)

interface EditarProps {
  /** Absent: a new one. */
  readonly membro: Membro | undefined
  readonly aoFechar: () => void
}

/** Adds somebody to the roster, or changes what is known of him. */
export function EditarMembro({ membro, aoFechar }: EditarProps): JSX.Element {
  const say = useFeito()
  const [fields, setFields] = useState<Fields>(() => toFields(membro))
  const field = (key: Exclude<keyof Fields, 'ativo' | 'horario'>) => ({
    value: fields[key],
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      setFields({ ...fields, [key]: currentTarget.value }),
  })
  const save = async () => {
    const path = '/painel/api/consultores'
    const body = toChange(membro, fields)
    const answer = membro
      ? await call<Membro>('PUT', `${path}/${membro.id}`, body)
      : await call<Membro>('POST', path, body)
    if (answer.ok) say(palavras.salvo(answer.dados.nome))
    return answer
  }
  return (
    <Confirmar
      titulo={membro ? palavras.editarTitulo(membro.nome) : palavras.novo}
      acao={palavras.salvar}
      fazer={save}
      aoFechar={aoFechar}
    >
      <label class="campo">
        <span>{palavras.nome}</span>
        <input {...field('nome')} required maxLength={255} autocomplete="off" />
      </label>
      <label class="campo">
        <span>{palavras.idiomas}</span>
        <input
          {...field('idiomas')}
          required
          maxLength={200}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
        <small>{palavras.idiomasAjuda}</small>
      </label>
      <label class="campo">
        <span>{palavras.telefone}</span>
        <input {...field('telefone')} type="tel" maxLength={32} autocomplete="off" />
        {membro?.telefone != null && (
          <small>
            {membro.telefone}. {palavras.telefoneManter}
          </small>
        )}
      </label>
      <label class="campo">
        <span>{palavras.email}</span>
        <input {...field('email')} type="email" maxLength={255} autocomplete="off" />
      </label>
      <label class="campo">
        <span>{palavras.idPipedrive}</span>
        <input {...field('id_pipedrive')} inputMode="numeric" pattern="[0-9]*" maxLength={15} autocomplete="off" />
      </label>
      <details>
        <summary>
          <Icone nome="seta" />
          {palavras.politicas}
        </summary>
        <div class="pilha">
          <label class="campo">
            <span>{palavras.equipes}</span>
            <input {...field('equipes')} maxLength={400} autocomplete="off" />
            <small>{palavras.equipesAjuda}</small>
          </label>
          <label class="campo">
            <span>{palavras.limiteCampo}</span>
            <input {...field('limite')} inputMode="numeric" pattern="[0-9]*" maxLength={3} autocomplete="off" />
            <small>{palavras.limiteAjuda}</small>
          </label>
          <CamposDeHorario horario={fields.horario} aoMudar={(horario) => setFields({ ...fields, horario })} />
        </div>
      </details>
      <label class="escolha">
        <input
          type="checkbox"
          checked={fields.ativo}
          onChange={({ currentTarget }) => setFields({ ...fields, ativo: currentTarget.checked })}
        />
        {palavras.ativo}
      </label>
    </Confirmar>
  )
}

interface HorarioProps {
  readonly horario: Escrito
  readonly aoMudar: (horario: Escrito) => void
}

/** The hours of a week, a field for each day, and the days off. */
const CamposDeHorario = ({ horario, aoMudar }: HorarioProps): JSX.Element => (
  <fieldset class="campo semana">
    <legend>{palavras.horario}</legend>
    {DIAS.map((dia, day) => (
      <label key={dia}>
        <span>{palavras.semana[day]}</span>
        <input
          value={horario.dias[dia]}
          maxLength={100}
          autocomplete="off"
          onInput={({ currentTarget }) =>
            aoMudar({ ...horario, dias: { ...horario.dias, [dia]: currentTarget.value } })
          }
        />
      </label>
    ))}
    <small>{palavras.horarioAjuda}</small>
    <label class="campo">
      <span>{palavras.folgas}</span>
      <input
        value={horario.folgas}
        maxLength={600}
        autocomplete="off"
        onInput={({ currentTarget }) => aoMudar({ ...horario, folgas: currentTarget.value })}
      />
      <small>{palavras.folgasAjuda}</small>
    </label>
  </fieldset>
)
