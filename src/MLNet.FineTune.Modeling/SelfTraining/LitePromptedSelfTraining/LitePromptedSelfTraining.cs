using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// LiST (Wang, Mukherjee, Liu, Gao, Awadallah, Gao 2021, "LiST: Lite Prompted Self-training Makes Parameter-Efficient Few-shot Learners", arXiv 2110.06274): a teacher is fine-tuned by
/// a prompt on the labelled texts and gives the others probabilities; a student, adapters on the frozen encoder with the same prompt, learns these, each weighted by how much it helps labelled texts,
/// and then the labelled texts; it is the next teacher, and a new student begins.
/// </summary>
/// <remarks>
/// <para>Weights are learnt by a look-ahead step (Ren et al. 2018, arXiv 1803.09050) that is measured on the validation rows where the training has some
/// (<see cref="TrainingOptions.ValidationFraction"/> or a validation set), else, as in the authors' code, on the labelled rows themselves.</para>
/// <para>Classes are read from the encoder's head for hidden words: see <see cref="ClozePrompt"/> for what the encoder has to have. Pooling and the linear probe of the trainer have no
/// effect. The teacher is fine-tuned as the trainer's options say; the head of the student trains beside its adapters, as the authors have it. The teacher is gone when there is a student: the first
/// student is the result also where its labels collapse.</para>
/// </remarks>
[SelfTrainingMethodName("list")]
public sealed record LitePromptedSelfTraining : SelfTrainingMethod
{
    /// <summary>Template and label words.</summary>
    /// <value>The defaults of <see cref="ClozePrompt"/>.</value>
    public ClozePrompt Prompt { get; init; } = new();

    /// <summary>What of the student trains.</summary>
    /// <value>
    /// Default <see langword="null"/>: as in the paper a <see cref="BottleneckAdapter"/> of width 128 after attention and feed-forward network of each layer, without nonlinearity; on an encoder of fewer than
    /// four layers <see cref="Lora"/> of rank 16 on <see cref="TargetModules.AllLinear"/>. Adapters work on what a frozen encoder brings to its mask, which in so few layers is little; LoRA changes what the mask attends to.
    /// </value>
    public PeftMethod? Student { get; init; }

    /// <summary>How many students there are, one after the other, each taught by the one before.</summary>
    /// <value>Default 6, as in the authors' code; at least 1.</value>
    [Range(1, 10, 6)]
    public int Rounds { get; init; } = 6;

    /// <summary>Steps of a student on texts without labels.</summary>
    /// <value>Default 1000; at least 1. Multiplied by <see cref="StepScale"/>.</value>
    [Range(100, 5000, 1000, true)]
    public int Steps { get; init; } = 1000;

    /// <summary>Multiplies the steps, for data much smaller or larger than the paper's.</summary>
    /// <value>Default 1; above 0.</value>
    public double StepScale { get; init; } = 1;

    /// <summary>The share of the steps before weights are learnt: a fresh student cannot tell yet what helps. The texts that the teacher is sure of count the same in these.</summary>
    /// <value>Default 0.6, as in the authors' code; 0 to 1.</value>
    [Range(0.0, 1.0, 0.6)]
    public double WarmupShare { get; init; } = 0.6;

    /// <summary>The probability of the predicted class above which the teacher is sure of a text.</summary>
    /// <value>Default 0.8, as in the authors' code; from 0, where all texts count, to below 1.</value>
    [Range(0.0, 0.99, 0.8)]
    public double ConfidenceThreshold { get; init; } = 0.8;

    /// <summary>How many labelled texts, drawn anew each step, the weights of a step are learnt from.</summary>
    /// <value>Default 4, as in the authors' code; at least 1.</value>
    [Choice(4, 8, 16, 32)]
    public int ReweightingBatchSize { get; init; } = 4;

    /// <summary>Whether a student is fine-tuned on the labelled texts after those without labels, as the trainer's options say.</summary>
    /// <value>Default <see langword="true"/>.</value>
    [BooleanChoice(true)]
    public bool FineTuneStudent { get; init; } = true;

    /// <summary>How a student is trained on texts without labels: optimiser, batches, schedule. Its number of steps is <see cref="Steps"/>; metric and checkpoints are those of the training on labelled texts.</summary>
    /// <value>Default <see langword="null"/>: as on the labelled texts.</value>
    public TrainingOptions? SelfTraining { get; init; }

    internal override void Validate()
    {
        Require(Prompt is not null, Prompt, $"new {nameof(ClozePrompt)}()");
        Require(Rounds >= 1, Rounds, "at least 1");
        Require(Steps >= 1, Steps, "at least 1");
        Require(StepScale > 0 && double.IsFinite(StepScale), StepScale, "a number above 0");
        Require(WarmupShare is >= 0 and <= 1, WarmupShare, "0 to 1");
        Require(ConfidenceThreshold is >= 0 and < 1, ConfidenceThreshold, "at least 0 and below 1");
        Require(ReweightingBatchSize >= 1, ReweightingBatchSize, "at least 1");
        Prompt!.Validate();
        Student?.Validate();
        SelfTraining?.Validate();
    }

    internal override void CheckClasses(IReadOnlyList<string> names) => Prompt.CheckClasses(names);

    internal override FineTuneTask Prepare(FineTuneTask tuning) => tuning with { Prompt = Prompt, LinearProbe = null, Pooling = null };

    internal override void Train(SelfTrainingRun run)
    {
        run.TrainOnLabeled();
        for (int round = 1; round <= Rounds; round++)
        {
            PseudoLabels labels = run.Predict(run.Unlabeled);
            if (run.Collapsed(round, labels, [.. Enumerable.Range(0, labels.Count)], run.TrueLabels))
                return;
            if (round == 1)
                run.Switch(run.Tuning with { Peft = Student ?? StudentFor(run.LayerCount) });
            else
                run.Restart();
            int[] learnt = run.Once(() => Learn(run, labels));
            if (FineTuneStudent)
                run.TrainOnLabeled();
            run.EndRound(round, labels, learnt, run.TrueLabels);
        }
    }

    /// <summary>The default student of an encoder; a shallow one leaves too little at the mask for adapters.</summary>
    internal static PeftMethod StudentFor(int layers) => ShallowEncoder.Has(layers)
        ? new Lora { Rank = 16, Alpha = 16, Targets = TargetModules.AllLinear }
        : new BottleneckAdapter { Placement = AdapterPlacement.Serial, Sublayers = Sublayers.Both, Size = 128, Activation = AdapterActivation.Identity };

    /// <returns>The texts that counted.</returns>
    private int[] Learn(SelfTrainingRun run, PseudoLabels labels)
    {
        TrainingOptions options = run.Phase(SelfTraining);
        options.MaxSteps = Math.Max(1, (int)Math.Round(Steps * StepScale));
        var objective = new ReweightedObjective(this, run, labels);
        run.Train(run.Unlabeled, logits => objective.Of(logits), options, objective);
        return objective.Learnt;
    }
}
