using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Infused adapter by inhibiting and amplifying inner activations, (IA)³: keys, values and the inner activations of the feed-forward
/// network are scaled by trained vectors that start at one. Fewest parameters of the methods that reach every layer; merges into the weights
/// (Liu et al. 2022, "Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper than In-Context Learning", arXiv 2205.05638).
/// </summary>
[PeftMethodName("ia3")]
public sealed record Ia3 : PeftMethod
{
    /// <summary>The projections that are scaled, by role.</summary>
    /// <value>Key, value and the second of the feed-forward network, as in the paper.</value>
    public TargetModules Targets { get; set; } = TargetModules.Key | TargetModules.Value | TargetModules.FeedForwardOut;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>Those of them whose input is scaled, by role; of the others it is the output.</summary>
    /// <value>The second of the feed-forward network, whose input is the activation of the first.</value>
    public TargetModules InputTargets { get; set; } = TargetModules.FeedForwardOut;

    /// <summary>The same by name, as <see cref="TargetPattern"/>. When set, <see cref="InputTargets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? InputPattern { get; set; }

    /// <summary>The layers that are adapted, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(Ia3), Targets, TargetPattern, Layers);

    internal override double DefaultLearningRate => 3e-3;

    internal override void Validate()
    {
        Selection.Validate();
        if (InputPattern is not null)
            NamePattern.Check($"{nameof(Ia3)}.{nameof(InputPattern)}", InputPattern);
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new Ia3Linear(linear, ScalesInput(context.Model, path, linear)));
    }

    internal override string PeftType => "IA3";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter)
    {
        IReadOnlyList<string> Names(bool input) => TargetNames.Of(adapter.Model, adapter.Placed.Where(placed => ((Ia3Linear)placed.Module).ScalesInput == input).Select(placed => placed.Path));
        IReadOnlyList<string> inputs = Names(input: true);
        return new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = "",
            ["fan_in_fan_out"] = false,
            ["feedforward_modules"] = AdapterConfigValues.Names(inputs),
            ["inference_mode"] = true,
            ["init_ia3_weights"] = true,
            ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
            ["peft_type"] = PeftType,
            ["revision"] = null,
            // peft asks for the others to be a subset of these, name by name.
            ["target_modules"] = AdapterConfigValues.Names(Names(input: false).Concat(inputs)),
            ["task_type"] = "SEQ_CLS",
        };
    }

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location)
    {
        json.RefuseFanInFanOut(location);
        json.Refuse(["exclude_modules", "trainable_token_indices"], "plain (IA)³", location);
        bool inputs = AdapterConfigValues.SaysSomething(json["feedforward_modules"]);
        return AdapterConfigValues.Checked(new Ia3
        {
            TargetPattern = json.Pattern("target_modules", location),
            InputTargets = TargetModules.None,
            InputPattern = inputs ? json.Pattern("feedforward_modules", location) : null,
        }, location);
    }

    private bool ScalesInput(TaskModel model, string path, AdaptableLinear linear) => InputPattern is null
        ? (linear.Role & InputTargets) != 0
        : NamePattern.IsWhole($"{nameof(Ia3)}.{nameof(InputPattern)}", InputPattern, model.Names.Module(path));
}
