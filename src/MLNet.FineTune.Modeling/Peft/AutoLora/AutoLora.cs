using System.Globalization;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// LoRA with a rank of its own for every projection, found on the data before training: each matrix of rank one has a selection variable,
/// learned on rows held out while the matrices are learned on the others; those whose variable stays low are dropped, and a
/// <see cref="Lora"/> of the ranks that remain is trained on all rows
/// (Zhang et al. 2024, "AutoLoRA: Automatically Tuning Matrix Ranks in Low-Rank Adaptation Based on Meta Learning", arXiv 2403.09113).
/// </summary>
/// <remarks>A step of the search costs about five of the training that follows.</remarks>
[PeftMethodName("autolora")]
public sealed record AutoLora : PeftMethod
{
    /// <summary>k: the highest rank that a projection can get.</summary>
    /// <value>8, as in the paper.</value>
    [Range(2, 32, init: 8, logBase: true)]
    public int MaxRank { get; set; } = 8;

    /// <summary>The mean rank of the projections in the end: as many matrices of rank one remain in all, those with the highest selection variables.</summary>
    /// <value>Null: those remain whose variable is at least 1/k, the value all begin with, as in the paper.</value>
    public int? MeanRank { get; set; }

    /// <summary>α: the update is scaled by α over the rank.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the update, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>How often the search goes through the rows.</summary>
    /// <value>1.</value>
    [Range(1, 5, init: 1)]
    public int SearchEpochs { get; set; } = 1;

    /// <summary>Learning rate of the selection variables.</summary>
    /// <value>1e-3.</value>
    [Range(1e-4f, 1e-1f, init: 1e-3f, logBase: true)]
    public float SelectionLearningRate { get; set; } = 1e-3f;

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>Query and value, as in the paper.</value>
    public TargetModules Targets { get; set; } = TargetModules.Query | TargetModules.Value;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(AutoLora), Targets, TargetPattern, Layers);

    internal override bool NeedsPreparation => true;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(AutoLora), MaxRank);
        OptionRange.Require(MeanRank is null || (MeanRank >= 1 && MeanRank <= MaxRank), nameof(AutoLora), nameof(MeanRank), MeanRank, $"null or 1 to {nameof(MaxRank)}, {MaxRank}");
        OptionRange.Positive(nameof(AutoLora), Alpha);
        OptionRange.Share(nameof(AutoLora), Dropout);
        OptionRange.Require(SearchEpochs >= 1, nameof(AutoLora), nameof(SearchEpochs), SearchEpochs, "at least 1");
        OptionRange.Positive(nameof(AutoLora), SelectionLearningRate);
        Selection.Validate();
    }

    /// <summary>The updates with their selection variables.</summary>
    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new SelectedLoraLinear(linear, MaxRank, Alpha / MaxRank, Dropout));
    }

    internal override PeftMethod Prepare(PeftPreparation preparation)
    {
        using var scope = NewDisposeScope();
        manual_seed(preparation.Seed);
        PeftAdapter adapter = PeftAdapter.Attach(preparation.Model, this);
        List<(Tensor Parameter, Tensor Value)> before = [.. adapter.TrainedBase.Select(p => ((Tensor)p.Parameter, p.Parameter.detach().clone()))];
        bool training = preparation.Model.training;
        try
        {
            // Without dropout: a difference of two losses must not be one of their random masks.
            preparation.Model.eval();
            adapter.Train(false);
            Search(preparation, adapter);
            return Resolve(preparation, adapter);
        }
        finally
        {
            adapter.Dispose();
            using (no_grad())
                foreach ((Tensor parameter, Tensor value) in before)
                    parameter.copy_(value);
            preparation.Model.train(training);
            preparation.Model.WeightsChanged();
        }
    }

    private void Search(PeftPreparation preparation, PeftAdapter adapter)
    {
        double rate = preparation.Options.LearningRate ?? DefaultLearningRateFor(preparation.Model.Encoder.Config);
        using var search = new SelectionSearch(preparation, adapter, rate, SelectionLearningRate);
        using IEnumerator<int[]> validation = Endless(preparation).GetEnumerator();
        for (int epoch = 0; epoch < SearchEpochs; epoch++)
            foreach (int[] batch in preparation.Batches(preparation.Train, epoch))
            {
                validation.MoveNext();
                search.Step(batch, validation.Current);
            }
    }

    private static IEnumerable<int[]> Endless(PeftPreparation preparation)
    {
        for (int epoch = 0; ; epoch++)
            foreach (int[] batch in preparation.Batches(preparation.Validation, epoch))
                yield return batch;
    }

    private Lora Resolve(PeftPreparation preparation, PeftAdapter adapter)
    {
        using var _ = no_grad();
        float[][] weights = [.. adapter.Placed.Select(placed => ((SelectedLoraLinear)placed.Module).Weights.cpu().data<float>().ToArray())];
        int[] ranks = Ranks(weights);
        var pattern = new Dictionary<string, int>();
        foreach ((Placement placed, int rank) in adapter.Placed.Zip(ranks))
            pattern.Add(TargetNames.Of(adapter.Model, [placed.Path])[0], rank);
        preparation.Inform(string.Create(CultureInfo.InvariantCulture, $"Ranks found: {string.Join(", ", pattern.Select(entry => $"{entry.Key} {entry.Value}"))}."));
        return new Lora { Rank = MaxRank, Alpha = Alpha, Dropout = Dropout, Targets = Targets, TargetPattern = TargetPattern, Layers = Layers, RankPattern = pattern };
    }

    /// <summary>How many matrices of rank one remain of each projection.</summary>
    internal int[] Ranks(float[][] weights)
    {
        if (MeanRank is not { } mean)
            return [.. weights.Select(of => of.Count(weight => weight >= 1f / MaxRank))];
        var ranks = new int[weights.Length];
        foreach ((int projection, _) in weights.SelectMany((of, projection) => of.Select(weight => (projection, weight))).OrderByDescending(one => one.weight).Take(mean * weights.Length))
            ranks[projection]++;
        return ranks;
    }
}
