using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Contrastive;

/// <summary>Makes a classifier of few labelled texts: the encoder learns to tell their classes apart by pairs, then a head is fitted on its embeddings (SetFit, Tunstall et al. 2022, arXiv 2209.11055), and both may learn on together.</summary>
internal static class SetFitTuner
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(SetFitTask task) => Fit(task, out _);

    /// <summary>Makes a classifier and tells the head that was fitted for it.</summary>
    /// <inheritdoc cref="Fit(SetFitTask)"/>
    public static TextClassifier Fit(SetFitTask task, out LinearHead head)
    {
        FineTuneTask tuning = task.Tuning;
        // Until there is a classifier, the first phase's checkpoint is what a resumed training does not repeat.
        FileCheckpointStore? checkpoints = tuning.Training.CheckpointDirectory is { } folder ? new FileCheckpointStore(folder) : null;
        using FineTuneRun run = FineTuneRun.Start(tuning, encoder => task.Normalize ?? encoder.Normalize);
        PeftAdapter adapter = run.Attach();
        ContrastivePhase.Train(task, run, checkpoints is null ? null : new KeptCheckpoint(checkpoints));
        EndToEndPhase? together = task.EndToEnd is { } phase && phase.Serves(run) ? phase : null;
        if (together is null)
            adapter = run.Finish();
        head = FitHead(task, run, new EmbeddingModel(adapter));
        together?.Train(run);
        TextClassifier classifier = run.ToClassifier();
        checkpoints?.Delete();
        return classifier;
    }

    private static LinearHead FitHead(SetFitTask task, FineTuneRun run, EmbeddingModel model) => model.Mode.Evaluate(() =>
    {
        LinearHead head = task.Head.Fit(task.HeadRows(model.Embed(run.Rows, task.Tuning)), run.Validation is null ? null : model.Embed(run.Validation, task.Tuning), task.Tuning.CheckAlive);
        model.SetHead(head);
        return head;
    });
}
