lib: {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    groupBy
    head
    length
    map
    partition
    sort
    tail
    ;

  singleton = value: [ value ];
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  toList = value: if builtins.isList value then value else [ value ];
  range = first: last: builtins.genList (n: first + n) (lib.max 0 (last - first + 1));
  imap0 = f: list: builtins.genList (n: f n (builtins.elemAt list n)) (builtins.length list);
  imap1 = f: lib.imap0 (n: f (n + 1));
  reverseList =
    list:
    let
      count = builtins.length list;
    in
    builtins.genList (n: builtins.elemAt list (count - n - 1)) count;
  last = list: builtins.elemAt list (builtins.length list - 1);
  init = list: builtins.genList (builtins.elemAt list) (builtins.length list - 1);
  drop =
    count: list:
    builtins.genList (n: builtins.elemAt list (count + n)) (lib.max 0 (builtins.length list - count));
  take = count: list: builtins.genList (builtins.elemAt list) (lib.min count (builtins.length list));
  remove = value: builtins.filter (other: other != value);
  subtractLists = unwanted: builtins.filter (value: !builtins.elem value unwanted);
  intersectLists = wanted: builtins.filter (value: builtins.elem value wanted);
  count = holds: builtins.foldl' (sum: value: if holds value then sum + 1 else sum) 0;
  flatten = value: if builtins.isList value then builtins.concatMap lib.flatten value else [ value ];
  findFirst =
    test: default: list:
    let
      found = builtins.filter test list;
    in
    if found == [ ] then default else builtins.head found;
  unique = builtins.foldl' (
    seen: value: if builtins.elem value seen then seen else seen ++ [ value ]
  ) [ ];
  foldr =
    f: start: list:
    let
      from = n: if n == builtins.length list then start else f (builtins.elemAt list n) (from (n + 1));
    in
    from 0;
  sortOn = key: builtins.sort (a: b: key a < key b);
  naturalSort = builtins.sort builtins.lessThan;
}
