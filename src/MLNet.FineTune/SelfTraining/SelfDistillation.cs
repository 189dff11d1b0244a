using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// Distillation on texts without labels: a student learns the probabilities that a teacher gives them ("Big Self-Supervised Models Are Strong Semi-Supervised
/// Learners", Chen et al. 2020, arXiv 2006.10029; "Well-Read Students Learn Better", Turc et al. 2019, arXiv 1908.08962). The student may be the same
/// encoder once more, or a smaller one.
/// </summary>
[SelfTrainingMethodName("distillation")]
public sealed record SelfDistillation : SelfTrainingMethod
{
    /// <summary>The teacher, a fitted model of the same classes; it is not disposed.</summary>
    /// <value>Default <see langword="null"/>: the trainer's own encoder, fine-tuned on the labelled texts.</value>
    [JsonIgnore]
    public TextClassificationTransformer? Teacher { get; init; }

    /// <summary>The student's encoder.</summary>
    /// <value>Default <see langword="null"/>: the trainer's own.</value>
    public EncoderSource? Encoder { get; init; }

    /// <summary>What of the student's encoder trains.</summary>
    /// <value>Default <see langword="null"/>: the trainer's own method.</value>
    public PeftMethod? Peft { get; init; }

    /// <summary>By which the logits of both are divided: more makes the probabilities more alike, less brings them closer to the best class alone.</summary>
    /// <value>Default 1; above 0.</value>
    [Range(0.1, 10.0, 1.0, true)]
    public double Temperature { get; init; } = 1;

    /// <summary>How much a labelled text counts, with its label, beside a text without; times its weight where the data have weights.</summary>
    /// <value>Default 0: labelled texts are not in the distillation; 0 or more.</value>
    [Range(0.0, 10.0, 0.0)]
    public double LabeledWeight { get; init; }

    /// <summary>Whether the student is fine-tuned on the labelled texts after the distillation, as on the trainer's options.</summary>
    /// <value>Default <see langword="true"/>, as Turc et al. end where labelled texts are unlike the others.</value>
    [BooleanChoice(true)]
    public bool FineTuneStudent { get; init; } = true;

    /// <summary>How the student is trained on what the teacher says. Validation fraction, metric and checkpoints are those of the training on labelled texts.</summary>
    /// <value>Default <see langword="null"/>: as on the labelled texts.</value>
    public TrainingOptions? Distillation { get; init; }

    internal override void CheckText()
    {
        if (Teacher is not null)
            throw new InvalidOperationException($"{nameof(SelfDistillation)}.{nameof(Teacher)} is a fitted model, which a text cannot hold; expected null.");
    }

    internal override void Validate()
    {
        Require(Temperature > 0 && double.IsFinite(Temperature), Temperature, "a number above 0");
        Require(LabeledWeight >= 0 && double.IsFinite(LabeledWeight), LabeledWeight, "a number of 0 or more");
        Peft?.Validate();
        Distillation?.Validate();
    }

    internal override void CheckClasses(IReadOnlyList<string> names) =>
        Require(Teacher is null || Teacher.ClassNames.SequenceEqual(names, StringComparer.Ordinal),
            Teacher is null ? null : $"a model of the classes {string.Join(", ", Teacher.ClassNames)}", $"a model of the classes {string.Join(", ", names)}, in this order", nameof(Teacher));

    internal override IEnumerable<(string Name, string Value)> Fingerprint() => Teacher is null ? base.Fingerprint()
        : base.Fingerprint().Where(option => option.Name != nameof(Teacher)).Append((nameof(Teacher), Digest(Teacher)));

    internal override void Train(SelfTrainingRun run)
    {
        if (Teacher is null)
            run.TrainOnLabeled();
        PseudoLabels labels = Teacher is null ? run.Predict(run.Unlabeled, Temperature) : run.Label(() => Ask(Teacher, run));
        int[] all = [.. Enumerable.Range(0, labels.Count)];
        if (run.Collapsed(1, labels, all, run.TrueLabels))
        {
            if (Teacher is not null)
                run.TrainOnLabeled();
            return;
        }
        Begin(run);
        Learn(run, labels);
        if (FineTuneStudent)
            run.TrainOnLabeled();
        run.EndRound(1, labels, all, run.TrueLabels);
    }

    private PseudoLabels Ask(TextClassificationTransformer teacher, SelfTrainingRun run)
    {
        IReadOnlyList<TextInput> texts = run.Tuning.Unlabeled!.Inputs;
        var logits = new float[texts.Count * run.ClassCount];
        teacher.Classifier.Score(texts, logits, run.CheckAlive);
        return PseudoLabels.FromLogits(logits, run.ClassCount, Temperature);
    }

    private static string Digest(TextClassificationTransformer teacher)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
            teacher.Classifier.Use(classifier => ClassifierFormats.For(classifier).Save(classifier, (_, write) => write(stream)));
        return Convert.ToHexStringLower(hash.Hash!);
    }

    private void Begin(SelfTrainingRun run)
    {
        if (Encoder is not null || Peft is not null)
            run.Switch(run.Tuning with { Encoder = Encoder ?? run.Tuning.Encoder, Peft = Peft ?? run.Tuning.Peft });
        else if (Teacher is null)
            run.Restart();
    }

    private void Learn(SelfTrainingRun run, PseudoLabels labels)
    {
        int[] given = LabeledWeight > 0 ? run.Labeled.Labels : [];
        TextBatches texts = given.Length > 0 ? run.Labeled.Batches.Concat(run.Unlabeled) : run.Unlabeled;
        float[] targets = [.. given.SelectMany(label => Enumerable.Range(0, run.ClassCount).Select(i => i == label ? 1f : 0f)), .. labels.Probabilities];
        float[] weights = [.. given.Select((_, row) => (float)LabeledWeight * (run.Labeled.Weights?[row] ?? 1)), .. Enumerable.Repeat(1f, labels.Count)];
        float[] temperatures = [.. Enumerable.Repeat(1f, given.Length), .. Enumerable.Repeat((float)Temperature, labels.Count)];
        run.Train(texts, logits => new SoftLabelObjective(logits, targets, run.ClassCount, weights, temperatures), run.Phase(Distillation));
    }
}
