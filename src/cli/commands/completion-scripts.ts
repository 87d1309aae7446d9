export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

// Each only carries words to `intermodal complete` and its answers back; what can be completed is known there alone.
const BASH = `# intermodal completion for bash
_intermodal() {
  local words line value
  words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  # Readline splits words at colons, which targets are full of.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cur prev cword
    _get_comp_words_by_ref -n : -w words cur prev cword
    words=("\${words[@]:1:cword}")
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    if [ "$value" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${words[-1]}")
    else
      COMPREPLY+=("$value")
    fi
  done < <(intermodal complete -- "\${words[@]}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "\${words[-1]}"; fi
}
complete -F _intermodal intermodal
`

const ZSH = `#compdef intermodal
# intermodal completion for zsh
_intermodal() {
  local line value about
  local -a given
  given=("\${(@)words[2,CURRENT]}")
  local -a values descriptions
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    about="\${line#*$'\\t'}"
    if [ "$value" = ":files" ]; then
      _files
    else
      values+=("$value")
      if [ "$value" = "$line" ]; then descriptions+=("$value"); else descriptions+=("$value  -- $about"); fi
    fi
  done < <(intermodal complete -- "\${given[@]}" 2>/dev/null)
  if (( \${#values} )); then compadd -l -d descriptions -- "\${values[@]}"; fi
}
compdef _intermodal intermodal
`

const FISH = `# intermodal completion for fish
function __intermodal_complete
  set -l words (commandline -opc) (commandline -ct)
  set -e words[1]
  for line in (intermodal complete -- $words 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c intermodal -f -a "(__intermodal_complete)"
`

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
