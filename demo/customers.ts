/** Who writes in the story. */
export interface Cliente {
  readonly id: string
  readonly nome: string
  readonly telefone: string
  readonly idioma: string
}

const cliente = (id: string, nome: string, telefone: string, idioma = 'pt-BR'): Cliente => ({
  id,
  nome,
  telefone,
  idioma,
})

export const MARIANA = cliente('mariana', 'Mariana Alves', '+5511987650001')
export const PEDRO = cliente('pedro', 'Pedro Lima', '+5511987650002')
export const EMILY = cliente('emily', 'Emily Carter', '+14155550103', 'en')
export const LUCIA = cliente('lucia', 'Lucía Gómez', '+541143210104', 'es')
export const RAFAEL = cliente('rafael', 'Rafael Costa', '+5521987650005')
export const CARLA = cliente('carla', 'Carla Dias', '+5531987650006')
export const TIAGO = cliente('tiago', 'Tiago Nunes', '+5541987650007')
