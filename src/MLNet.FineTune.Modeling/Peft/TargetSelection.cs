using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Peft;

/// <summary>Which projections a method adapts: by role, or by name where there is a pattern; in all layers or some.</summary>
/// <param name="Method">The options record, for messages.</param>
/// <param name="Roles">Roles.</param>
/// <param name="Pattern">A regular expression that must match the whole path in the checkpoint; null to go by role.</param>
/// <param name="Layers">Layers counted from zero; null for all.</param>
internal sealed record TargetSelection(string Method, TargetModules Roles, string? Pattern, int[]? Layers)
{
    private string PatternOption => $"{Method}.{nameof(Lora.TargetPattern)}";

    /// <exception cref="ArgumentException">Nothing can be selected.</exception>
    public void Validate()
    {
        if (Pattern is not null)
            NamePattern.Check(PatternOption, Pattern);
        else if (Roles == TargetModules.None)
            throw new ArgumentException($"{Method}.{nameof(Lora.Targets)} is {Roles}; expected at least one role, or a {nameof(Lora.TargetPattern)}.");
    }

    /// <summary>Whether it selects the table of word embeddings, which a pattern alone can.</summary>
    public bool HasWords(TaskModel model) => Pattern is not null && Layers is null && NamePattern.IsWhole(PatternOption, Pattern, model.Names.Module(PeftContext.WordEmbeddings));

    /// <summary>The projections selected, which may be none.</summary>
    /// <exception cref="ArgumentException">A layer is none of the model's.</exception>
    public IReadOnlyList<(string Path, AdaptableLinear Linear)> AnyOf(TaskModel model)
    {
        LayerRange.Check(Method, Layers, model.Encoder.Config);
        return [.. model.Linears().Where(linear => Contains(model, linear.Path, linear.Linear))];
    }

    /// <summary>The projections selected.</summary>
    /// <exception cref="ArgumentException">There is none, or a layer is none of the model's; names some that there are.</exception>
    public IReadOnlyList<(string Path, AdaptableLinear Linear)> Of(TaskModel model)
    {
        IReadOnlyList<(string Path, AdaptableLinear Linear)> selected = AnyOf(model);
        return selected.Count > 0 ? selected : throw new ArgumentException(
            $"{Method} found no projection to adapt: {(Pattern is null ? $"{nameof(Lora.Targets)} is {Roles}" : $"{nameof(Lora.TargetPattern)} is '{Pattern}'")}"
            + $"{(Layers is null ? "" : $", {nameof(Lora.Layers)} is [{string.Join(", ", Layers)}]")}; the model's are {string.Join(", ", model.Linears().Take(8).Select(l => model.Names.Module(l.Path)))} and so on.");
    }

    private bool Contains(TaskModel model, string path, AdaptableLinear linear)
    {
        if (Layers is not null && (linear.Layer is not { } layer || !Layers.Contains(layer)))
            return false;
        return Pattern is null
            ? (linear.Role & Roles) != 0
            : path != "head.output" && NamePattern.IsWhole(PatternOption, Pattern, model.Names.Module(path));
    }
}
