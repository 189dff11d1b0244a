using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.FewShot;

/// <summary>From a teacher and unlabelled texts to a student (Tunstall et al. 2022, arXiv 2209.11055, section 6).</summary>
/// <param name="host">Host of the trainer.</param>
/// <param name="teacher">The teacher.</param>
/// <param name="options">The trainer's options.</param>
/// <param name="seed">The trainer's seed.</param>
/// <param name="task">What kind of labels there are.</param>
internal sealed class SetFitDistillation(IHost host, Teacher teacher, SetFitDistillationOptions options, int seed, ClassificationTask task)
{
    /// <summary>Trains a student.</summary>
    /// <param name="data">Texts without labels.</param>
    public TextClassifier Fit(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        TeacherOutputs? outputs = null;
        return FineTuneFit.Run(host, options, seed, () =>
        {
            (FitData fit, outputs) = Read(data);
            return fit;
        }, tuning => SetFitTuner.Fit(options.CreateTask(Split(tuning)) with { Teacher = outputs }));
    }

    private (FitData Fit, TeacherOutputs Outputs) Read(IDataView data)
    {
        TextInput[] unlabelled = UnlabelledTexts.Read(host, data, options.TrainingColumns, nameof(data));
        TrainingSet? labelled = options.LabelledSet is null ? null
            : TrainingSet.ReadBeside(host, options.LabelledSet, options.TrainingColumns, task, teacher.Classes, "teacher", "labelled set", nameof(options.LabelledSet));
        TrainingSet? validation = FineTuneFit.ReadValidation(host, options, task, teacher.Classes, "teacher");
        LabelledTexts? names = options.LabelNameRows(teacher.Classes.Values?.Names);

        // The student learns the labels that are known, and the teacher's for the rest.
        LabelledTexts known = labelled?.Texts ?? new LabelledTexts([], []);
        LabelledTexts all = new LabelledTexts(unlabelled, new int[unlabelled.Length]).Append(names is null ? known : known.Append(names));
        (TeacherOutputs outputs, int[] predictions) = teacher.Predict(all.Inputs, FineTuneFit.CheckAlive(host, options.Training));
        predictions.AsSpan(0, unlabelled.Length).CopyTo(all.Labels);
        if (options.SoftLabels)
            Know(outputs.Probabilities!, all.Labels, from: unlabelled.Length);
        else
            outputs = outputs with { Probabilities = null };

        int texts = unlabelled.Length + known.Labels.Length;
        (int[] kept, int[] held) = validation is null ? Split(all.Labels[..texts]) : ([.. Enumerable.Range(0, texts)], []);
        LabelledTexts? measured = validation?.Texts ?? (held.Length > 0 ? all.Rows(held) : null);
        // The examples of names follow the others when the task is made.
        return (new FitData(all.Rows(kept), measured, teacher.Classes), outputs.Rows([.. kept, .. Enumerable.Range(texts, all.Labels.Length - texts)]));
    }

    /// <summary>Makes certain what is known.</summary>
    private void Know(float[] probabilities, int[] labels, int from)
    {
        int classes = teacher.Classes.Count;
        for (int row = from; row < labels.Length; row++)
        {
            probabilities.AsSpan(row * classes, classes).Clear();
            probabilities[row * classes + labels[row]] = 1;
        }
    }

    /// <summary>The task, whose rows are split: none are to be set aside again.</summary>
    private static FineTuneTask Split(FineTuneTask tuning)
    {
        TrainingOptions training = tuning.Training.Copy();
        training.ValidationFraction = 0;
        return tuning with { Training = training };
    }

    /// <summary>Rows to learn and rows to measure on; a class of one row, which cannot be on both sides, is learnt.</summary>
    private (int[] Kept, int[] Held) Split(int[] labels)
    {
        int[] all = [.. Enumerable.Range(0, labels.Length)];
        double fraction = options.Training.ValidationFraction;
        int[] divisible = [.. all.GroupBy(row => labels[row]).Where(rows => rows.Skip(1).Any()).SelectMany(rows => rows).Order()];
        if (fraction == 0 || divisible.Length == 0)
            return (all, []);
        int[] held = [.. StratifiedSplit.Create([.. divisible.Select(row => labels[row])], fraction, seed).HeldOut.Select(i => divisible[i])];
        return ([.. all.Except(held)], held);
    }
}
