using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that learn from texts without labels beside labelled ones.</summary>
/// <remarks>
/// <see cref="EncoderTrainerOptions.Training"/> is that on the labelled texts; methods have options of their own for their other phases. With a
/// validation set, or <see cref="TrainingOptions.ValidationFraction"/>, the best model of all rounds is the result. Training ends with the last model whose pseudo-labels were
/// good, or the best by validation, when they collapse: when none is kept, when a class that had 5 % of the kept ones has none in the next round, or when one class comes to have more than 95 % of them.
/// <para>
/// With <see cref="TrainingOptions.CheckpointDirectory"/>, a run that was cut off at any point goes on from there when it is started again with the same options and data, in the process with the
/// same number of threads to the bit: what is done, a training or a prediction of all texts, is not done again, and the training that was under way goes on from its checkpoint. Reports of rounds
/// that were done are given again, so that they are complete. A finished run leaves its result in the folder and gives it at once when it is started again; delete the folder, or set
/// <see cref="TrainingOptions.ResumeFromCheckpoint"/> = <see langword="false"/>, to train anew.
/// </para>
/// </remarks>
public sealed class SelfTrainingOptions : TextTrainerOptions
{
    /// <summary>The texts without labels, in columns of the same names as those of the training data. Rows of the training data that have no label are learnt from like these.</summary>
    /// <value>Default <see langword="null"/>: those rows only.</value>
    public IDataView? Unlabeled { get; set; }

    /// <summary>A column of <see cref="Unlabeled"/> with true labels, by which reports say how good the pseudo-labels are; nothing is learnt from it.</summary>
    /// <value>Default <see langword="null"/>: none. For multiclass a key or texts with the names of the classes, for binary classification Boolean; missing ones are skipped.</value>
    public string? UnlabeledLabelColumnName { get; set; }

    /// <summary>How these texts are learnt from.</summary>
    /// <value>Default <see cref="ExpectationMaximization"/>.</value>
    public SelfTrainingMethod Method { get; set; } = new ExpectationMaximization();

    /// <summary>What the classification head is before all training.</summary>
    /// <value>Default <see cref="HeadInitialization.LinearProbe"/>, whatever the encoder: labelled texts are few.</value>
    public HeadInitialization HeadInitialization { get; set; } = HeadInitialization.LinearProbe;

    /// <summary>What is fitted on the embeddings of the labelled texts where the head starts from a linear probe, as <see cref="HeadInitialization"/> says.</summary>
    /// <value>Default <see cref="LogisticRegressionHead"/>.</value>
    public SetFitHead LinearProbe { get; set; } = new LogisticRegressionHead();

    /// <summary>Receives a report each round.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public IProgress<SelfTrainingProgress>? Progress { get; set; }

    internal override bool LearnsFromUnlabeled => true;

    internal override void Validate()
    {
        base.Validate();
        Require(Method is not null, nameof(Method), null, $"a method, such as new {nameof(ExpectationMaximization)}()");
        Require(UnlabeledLabelColumnName is null || UnlabeledLabelColumnName.Trim().Length > 0, nameof(UnlabeledLabelColumnName), "empty", "null or the name of a column");
        Require(UnlabeledLabelColumnName is null || Unlabeled is not null, nameof(Unlabeled), null, $"data with the column '{UnlabeledLabelColumnName}', which {nameof(UnlabeledLabelColumnName)} names");
        Method!.Validate();
        ValidateHead(HeadInitialization, LinearProbe);
    }

    internal override ProbedHead? ProbedHead => CreateProbe(HeadInitialization, LinearProbe);

    internal override UnlabeledTexts? ReadUnlabeled(IHost host, ClassLabels classes, ClassificationTask task, IReadOnlyList<TextInput> withoutLabel)
    {
        Method.CheckClasses(classes.Names);
        return UnlabeledReader.Read(host, Unlabeled, TrainingColumns, UnlabeledLabelColumnName, classes, task, withoutLabel);
    }

    internal SelfTrainingTask CreateTask(FineTuneTask tuning) => new() { Tuning = tuning, Method = Method, LinearProbe = ProbedHead is null ? null : $"{HeadInitialization}: {LinearProbe}", Progress = Progress };
}
