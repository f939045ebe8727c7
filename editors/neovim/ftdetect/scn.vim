" The longer extension belongs to scenarios rather than to YAML.
autocmd BufNewFile,BufRead *.scn,*.scn.yaml,*.scn.yml set filetype=scn
