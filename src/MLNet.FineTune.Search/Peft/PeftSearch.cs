using Microsoft.ML.Runtime;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.Search;

/// <summary>Carries a search over methods out.</summary>
internal static class PeftSearch
{
    private const string Title = "Search over fine-tuning methods";

    public static PeftSearchResult Run(IHostEnvironment environment, PeftSearchOptions options)
    {
        options.Validate();
        var trainer = (TextClassificationOptions)options.Trainer.Copy();
        trainer.Training = ForTrials(trainer.Training);
        using SearchStorage? owned = options.Storage is not null ? null : options.StorageConnectionString is { } address ? SearchStorage.Open(address) : SearchStorage.InMemory();
        SearchStorage storage = options.Storage ?? owned!;
        FineTuneTask task = RepeatedFit.Read(environment, Title, trainer, options.TrainingSet, options.ValidationSet, options.ValidationFraction, options.Seed);
        NativeBackend.EnsureLoaded();
        using FineTuneInputs inputs = FineTuneInputs.Open(task);
        PeftSearchSpace space = options.Space ?? PeftSearchSpace.Of(SpaceOf(inputs.Encoder.Config, task.MaxLength));

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        StudyDefinition study = PeftStudy.Define(options, space, task, inputs.Encoder);
        var trials = new PeftTrials(task with { CheckAlive = CheckAlive }, inputs, space, options.Objectives);
        TrialRunResult result = new TrialRunner(storage, study, options.RunnerOptions)
            .Run(new TunerSuggester(options.Tuner, space.Parameters, study.Objectives), trials.Run, cancellation.Token);
        SearchStudy found = storage.GetStudies().Single(other => other.Name == study.Name);
        return new PeftSearchResult(found, result.Trials, result.Front, options.Objectives, trial => Entry(trial, environment, options, trainer, space));

        // The context's cancellation ends the search as the token does, rather than one trial.
        void CheckAlive()
        {
            try
            {
                task.CheckAlive!();
            }
            catch (OperationCanceledException)
            {
                cancellation.Cancel();
                throw;
            }
        }
    }

    /// <summary>AutoPEFT for an encoder. A prefix takes places that texts could have: at most half of them, or what the longest texts leave.</summary>
    private static AutoPeftSpace SpaceOf(EncoderConfig encoder, int? maxLength)
    {
        var space = new AutoPeftSpace { HiddenSize = encoder.HiddenSize, LayerCount = encoder.PhysicalLayerCount };
        int room = maxLength is { } length ? Math.Max(0, encoder.MaxLength - length) : encoder.MaxLength / 2;
        return space with { MaxPrefixLength = Math.Min(space.MaxPrefixLength, room) };
    }

    private static PeftSearchEntry Entry(TrialRecord trial, IHostEnvironment environment, PeftSearchOptions options, TextClassificationOptions trainer, PeftSearchSpace space)
    {
        var chosen = (TextClassificationOptions)trainer.Copy();
        chosen.Peft = space.CreateMethod(trial.Parameters);
        chosen.Training = space.CreateTraining(trial.Parameters, trainer.Training);
        return new PeftSearchEntry(trial, options.Objectives, chosen, TrialSeed.Of(options.Seed, trial.Number), environment);
    }

    /// <summary>Trials keep nothing but their weights, and are reported and cancelled by the search.</summary>
    private static TrainingOptions ForTrials(TrainingOptions training)
    {
        TrainingOptions copy = training.Copy();
        (copy.CheckpointDirectory, copy.TensorBoardDirectory, copy.Progress, copy.CancellationToken) = (null, null, null, CancellationToken.None);
        return copy;
    }
}
