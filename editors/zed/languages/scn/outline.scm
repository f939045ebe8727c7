(persona_declaration "persona" @context name: (_) @name) @item
(const_declaration "const" @context name: (_) @name) @item
(signature_declaration ["flow" "probe"] @context name: (_) @name) @item
(named_declaration ["scenario" "sandbox" "frontend" "service" "partner" "agent" "queue"] @context name: (_) @name) @item
(form_declaration "form" @context name: (_) @name) @item
(store_declaration "store" @context name: (_) @name) @item
