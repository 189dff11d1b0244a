using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Low-rank adaptation: a frozen weight W gets the trained update (α/r)·B·A with A of shape [r, inputs] and B of shape
/// [outputs, r]; B starts at zero, so that training starts from the base model, and the update can be merged into W
/// (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv 2106.09685).
/// </summary>
[PeftMethodName("lora")]
public sealed record Lora : PeftMethod
{
    /// <summary>No encoder is that wide, and a damaged file must not make us allocate more.</summary>
    private const int MaxRank = 1 << 16;

    /// <summary>Rank r of the update.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the update is scaled by α/r, or α/√r with <see cref="RankStabilized"/>.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the update, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>Scales by α/√r, which keeps large ranks learning (Kalajdzievski 2023, "rsLoRA", arXiv 2312.03732).</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool RankStabilized { get; set; }

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>Query and value, as in the paper.</value>
    public TargetModules Targets { get; set; } = TargetModules.Query | TargetModules.Value;

    /// <summary>
    /// The projections that get an update, by name: a regular expression that must match the whole path a module has in the
    /// checkpoint, for instance <c>.*layer\.[0-5]\..*(query|value)</c>. When set, <see cref="Targets"/> is not used.
    /// </summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>Which biases of the base train too.</summary>
    /// <value><see cref="LoraBias.None"/>.</value>
    public LoraBias Bias { get; set; } = LoraBias.None;

    /// <summary>What the update B·A is multiplied by.</summary>
    internal double Scaling => RankStabilized ? Alpha / Math.Sqrt(Rank) : Alpha / Rank;

    internal override void Validate()
    {
        if (Rank is < 1 or > MaxRank)
            throw new ArgumentException($"{nameof(Lora)}.{nameof(Rank)} is {Rank}; expected 1 to {MaxRank}.");
        if (!float.IsFinite(Alpha) || Alpha <= 0)
            throw new ArgumentException($"{nameof(Lora)}.{nameof(Alpha)} is {Alpha}; expected a number above 0.");
        if (!(Dropout >= 0 && Dropout < 1))
            throw new ArgumentException($"{nameof(Lora)}.{nameof(Dropout)} is {Dropout}; expected at least 0 and below 1.");
        if (TargetPattern is null && Targets == TargetModules.None)
            throw new ArgumentException($"{nameof(Lora)}.{nameof(Targets)} is {Targets}; expected at least one role, or a {nameof(TargetPattern)}.");
        if (TargetPattern is not null)
            _ = Pattern(TargetPattern);
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in context.Model.Linears())
            if (IsTarget(context, path, linear))
            {
                context.Place(path, linear, new LoraLinear(linear, Rank, Scaling, Dropout));
                if (Bias == LoraBias.LoraOnly)
                    context.Train(name => name == path + ".bias");
            }
        if (context.Placed.Count == 0)
            throw new ArgumentException($"{nameof(Lora)} found no projection to adapt: {(TargetPattern is null ? $"{nameof(Targets)} is {Targets}" : $"{nameof(TargetPattern)} is '{TargetPattern}'")}"
                + $"{(Layers is null ? "" : $", {nameof(Layers)} is [{string.Join(", ", Layers)}]")}; the model's are {string.Join(", ", context.Model.Linears().Take(8).Select(l => context.Model.Names.Module(l.Path)))} and so on.");
        if (Bias == LoraBias.All)
            context.Train(name => name.EndsWith(".bias", StringComparison.Ordinal));
    }

    internal override string PeftType => "LORA";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => LoraAdapterConfig.Write(this, adapter);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => LoraAdapterConfig.Read(json, location);

    private bool IsTarget(PeftContext context, string path, AdaptableLinear linear)
    {
        if (Layers is not null && (linear.Layer is not { } layer || !Layers.Contains(layer)))
            return false;
        return TargetPattern is null
            ? (linear.Role & Targets) != 0
            : path != "head.output" && Matches(TargetPattern, context.Model.Names.Module(path));
    }

    private static bool Matches(string pattern, string module)
    {
        try
        {
            return Pattern(pattern).IsMatch(module);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new ArgumentException($"{nameof(Lora)}.{nameof(TargetPattern)} is '{pattern}', which takes more than {e.MatchTimeout.TotalSeconds} s to match '{module}'; simplify it.", e);
        }
    }

    private static Regex Pattern(string pattern)
    {
        try
        {
            return new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"{nameof(Lora)}.{nameof(TargetPattern)} is '{pattern}', which is no regular expression: {e.Message}", e);
        }
    }
}
