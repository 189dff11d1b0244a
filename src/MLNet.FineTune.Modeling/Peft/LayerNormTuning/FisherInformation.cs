using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>How much the likelihood of the labels depends on parameters: the diagonal of the empirical Fisher information matrix.</summary>
internal static class FisherInformation
{
    /// <summary>Averages the squared gradient of the loss of single rows.</summary>
    /// <param name="preparation">Gives rows to try on, and their loss.</param>
    /// <param name="adapter">An attached adapter that trains; its gradients are cleared.</param>
    /// <param name="rows">How many rows, drawn at random, are averaged over.</param>
    /// <returns>For each parameter of the encoder that trains, the mean over its numbers and over rows.</returns>
    public static IReadOnlyList<(string Name, double Information)> Estimate(PeftPreparation preparation, PeftAdapter adapter, int rows)
    {
        AdapterParameter[] parameters = [.. adapter.Trainable.Where(p => ParameterNames.InEncoder(p.Name))];
        int[] order = [.. Enumerable.Range(0, preparation.Train.Count)];
        SeededRandom.Create(preparation.Seed, 0).Shuffle(order);
        bool training = adapter.Model.training;
        adapter.Model.eval();
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = zeros(parameters.Length);
        int[] chosen = order[..Math.Min(rows, order.Length)];
        foreach (int row in chosen)
        {
            preparation.CheckAlive();
            using DisposeScope step = NewDisposeScope();
            Clear(adapter);
            preparation.Loss(preparation.Train, [row]).backward();
            using (no_grad())
                sum.Add_(stack([.. parameters.Select(p => p.Parameter.grad!.Square().mean().cpu())]));
        }
        Clear(adapter);
        adapter.Model.train(training);
        return [.. sum.data<float>().ToArray().Select((value, i) => (parameters[i].Name, (double)value / chosen.Length))];
    }

    private static void Clear(PeftAdapter adapter)
    {
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.grad = null;
    }
}
