using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Trains a random half of the layers' projections and LayerNorms while the other half keeps what the pretraining gave, so that
/// less is forgotten; in several rounds, a new half in each (Hui et al. 2024, "HFT: Half Fine-Tuning for Large Language Models",
/// arXiv 2404.18466). The whole model is saved.
/// </summary>
[PeftMethodName("half")]
public sealed record HalfFineTuning : PeftMethod
{
    /// <summary>Among what the half is drawn.</summary>
    /// <value><see cref="HalfFineTuningLevel.Category"/>.</value>
    [Choice(HalfFineTuningLevel.Category, HalfFineTuningLevel.Layer, HalfFineTuningLevel.Model)]
    public HalfFineTuningLevel Level { get; set; } = HalfFineTuningLevel.Category;

    /// <summary>In how many rounds of equal length the half is drawn anew; what froze in a round keeps the values it has.</summary>
    /// <value>1, as when the paper fine-tunes for one task; at least 1.</value>
    [Range(1, 8, init: 1)]
    public int Rounds { get; set; } = 1;

    /// <summary>Whether the embeddings train, which belong to no half.</summary>
    /// <value>True.</value>
    [BooleanChoice(true)]
    public bool Embeddings { get; set; } = true;

    /// <summary>Decides which half is drawn.</summary>
    /// <value>0.</value>
    public int Seed { get; set; }

    internal override bool ReplacesBase => true;

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => new FullFineTuning().DefaultLearningRateFor(encoder);

    internal override void Validate()
    {
        if (!Enum.IsDefined(Level))
            throw new ArgumentException($"{nameof(HalfFineTuning)}.{nameof(Level)} is {Level}; expected {string.Join(", ", Enum.GetNames<HalfFineTuningLevel>())}.");
        if (Rounds < 1)
            throw new ArgumentException($"{nameof(HalfFineTuning)}.{nameof(Rounds)} is {Rounds}; expected at least 1.");
    }

    internal override void Apply(PeftContext context)
    {
        string[] modules = HalfSelection.Modules(context.Model);
        HashSet<string> chosen = [.. Enumerable.Range(0, Rounds).SelectMany(round => HalfSelection.Choose(modules, Level, Seed, round))];
        context.Train(name => PeftAdapter.LayerOf(name) is null ? Embeddings && ParameterNames.InEncoder(name) : chosen.Contains(ParameterNames.Module(name)));
    }

    internal override PeftTraining? CreateTraining(PeftAdapter adapter) => Rounds == 1 ? null : new HalfTraining(adapter, this);
}
