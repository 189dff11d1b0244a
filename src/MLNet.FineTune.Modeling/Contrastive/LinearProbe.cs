using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>
/// Linear probing, then fine-tuning (LP-FT, Kumar et al. 2022, arXiv 2202.10054): the head is fitted on the embeddings of the encoder
/// as it is, so that fine-tuning does not begin by bending the encoder to a random head.
/// </summary>
internal static class LinearProbe
{
    /// <summary>Sets the head of an attached, untrained model, where the task asks for it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="rows">Labelled texts to fit it on; null for all that are learnt.</param>
    public static void Apply(FineTuneRun run, EncodedTexts? rows = null)
    {
        if (run.Task.LinearProbe is not { } probe)
            return;
        rows = Some(rows ?? run.Rows, probe.MostRows, run.Task.Seed);
        var model = new EmbeddingModel(run.Adapter, run.Session.Frozen(run.Adapter));
        model.Mode.Evaluate(() =>
        {
            model.SetHead(probe.CreateTrainer(run.Task).Fit(model.Embed(rows, run.Task), validation: null, run.Task.CheckAlive));
            return true;
        });
    }

    private static EncodedTexts Some(EncodedTexts rows, int most, int seed)
    {
        if (rows.Count <= most)
            return rows;
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        new Random(seed).Shuffle(order);
        return rows.Rows([.. order[..most].Order()]);
    }
}
