# What may stand around a value in `config`: conditions, merges, priorities and positions.
lib: {
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };

  # The lowest number wins; a plain definition counts 100.
  mkOptionDefault = lib.mkOverride 1500;
  mkDefault = lib.mkOverride 1000;
  defaultOverridePriority = 100;
  mkImageMediaOverride = lib.mkOverride 60;
  mkForce = lib.mkOverride 50;
  mkVMOverride = lib.mkOverride 10;

  # The lowest number comes first in lists and lines; a plain definition counts 1000.
  mkBefore = lib.mkOrder 500;
  defaultOrderPriority = 1000;
  mkAfter = lib.mkOrder 1500;
}
