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
        using var run = new SearchRun(options, [options.Trainer.Training.CancellationToken]);
        FineTuneTask task = RepeatedFit.Read(environment, Title, trainer, options.TrainingSet, options.ValidationSet, options.Folds is null ? options.ValidationFraction : null, options.Seed);
        NativeBackend.EnsureLoaded();
        using FineTuneInputs inputs = FineTuneInputs.Open(task);
        AutoPeftSpace usual = SpaceOf(inputs.Encoder.Config, task.MaxLength);
        PeftSearchSpace space = options.Space ?? PeftSearchSpace.Of(usual);
        IReadOnlyList<IReadOnlyDictionary<string, object>> first = SearchRun.Distinct(
            space.Parameters, options.FirstPoints ?? (options.Space is null ? usual.UsualMethods(inputs.Encoder.Config, task.Training) : []));
        StudyDefinition study = PeftStudy.Define(options, space, first, task, inputs.Encoder);
        using HiddenStateCaches? states = SharedStates(task.Training, inputs.Encoder);
        var trials = new PeftTrials(task with { CheckAlive = run.EndsSearch(task.CheckAlive!), FrozenStates = states }, inputs, space, options.Objectives, study.Objectives, options.DataShares, options.Folds, options.Seed);
        FoundTrials found = run.Search(study, space.Parameters, first, trials.Run);
        return new PeftSearchResult(found, options.Objectives, trial => Entry(trial, study.Objectives[0], environment, options, trainer, space));
    }

    /// <summary>The outputs of frozen layers that all trials and folds read; null where there are none to share: random weights are each trial's own.</summary>
    private static HiddenStateCaches? SharedStates(TrainingOptions training, PretrainedEncoder encoder) =>
        encoder.HasWeights && training.FrozenStateMegabytes > 0 ? new HiddenStateCaches((long)training.FrozenStateMegabytes << 20) : null;

    /// <summary>AutoPEFT for an encoder. A prefix takes places that texts could have: at most half of them, or what the longest texts leave.</summary>
    private static AutoPeftSpace SpaceOf(EncoderConfig encoder, int? maxLength)
    {
        var space = new AutoPeftSpace { HiddenSize = encoder.HiddenSize, LayerCount = encoder.PhysicalLayerCount };
        int room = maxLength is { } length ? Math.Max(0, encoder.MaxLength - length) : encoder.MaxLength / 2;
        return space with { MaxPrefixLength = Math.Min(space.MaxPrefixLength, room) };
    }

    private static PeftSearchEntry Entry(
        TrialRecord trial, SearchObjective first, IHostEnvironment environment, PeftSearchOptions options, TextClassificationOptions trainer, PeftSearchSpace space)
    {
        var chosen = (TextClassificationOptions)trainer.Copy();
        chosen.Peft = space.CreateMethod(trial.Parameters);
        chosen.Training = space.CreateTraining(trial.Parameters, trainer.Training);
        return new PeftSearchEntry(trial, first, options.Objectives, chosen, TrialSeed.Of(options.Seed, trial.Number), environment);
    }

    /// <summary>Trials keep nothing but their weights, and are reported and cancelled by the search.</summary>
    private static TrainingOptions ForTrials(TrainingOptions training)
    {
        TrainingOptions copy = training.Copy();
        (copy.CheckpointDirectory, copy.TensorBoardDirectory, copy.Progress, copy.CancellationToken) = (null, null, null, CancellationToken.None);
        return copy;
    }
}
