using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>The third phase: encoder and fitted head learn the classes together.</summary>
/// <param name="Training">How.</param>
/// <param name="Share">How far the weights go from those before towards those after; 1 for all of it.</param>
/// <param name="MostSteps">With more steps in its epochs it has only so many.</param>
/// <param name="LeastTexts">The different texts a class, in the mean, below which there is no such phase.</param>
internal sealed record EndToEndPhase(TrainingOptions Training, double Share = 1, int MostSteps = int.MaxValue, double LeastTexts = 0)
{
    /// <summary>Whether there are enough labelled texts for it, and more trains than the head, which has been fitted already.</summary>
    public bool Serves(FineTuneRun run) => run.Adapter.TrainsEncoder && run.Task.Data.Inputs.Distinct().Count() >= LeastTexts * run.Task.ClassCount;

    public void Train(FineTuneRun run)
    {
        PeftAdapter adapter = run.Adapter;
        using DisposeScope scope = NewDisposeScope();
        // What changes its modules in training has nothing between before and after.
        Tensor[]? before = Share == 1 || adapter.Method.CreateTraining(adapter) is not null ? null : [.. adapter.Trainable.Select(part => part.Parameter.detach().clone())];
        run.Session.Train(adapter, run.Rows, run.Validation, Limited(run.Rows.Count), run.Task.Callbacks, run.Task.Observers);
        if (before is not null)
            Return(adapter, before);
    }

    /// <summary>A number of steps takes the place of epochs, where there is one.</summary>
    private TrainingOptions Limited(int rows)
    {
        TrainingOptions limited = Training.Copy();
        long steps = (long)Training.Epochs * (int)Math.Ceiling(rows / ((double)Training.BatchSize * Training.AccumulationSteps));
        limited.MaxSteps = steps > MostSteps ? MostSteps : null;
        return limited;
    }

    private void Return(PeftAdapter adapter, Tensor[] before)
    {
        using IDisposable frozen = no_grad();
        foreach ((AdapterParameter part, Tensor start) in adapter.Trainable.Zip(before))
        {
            using DisposeScope scope = NewDisposeScope();
            part.Parameter.copy_(lerp(start, part.Parameter, tensor((float)Share, dtype: start.dtype, device: start.device)));
        }
        adapter.Model.WeightsChanged();
    }
}
