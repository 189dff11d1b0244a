using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune.AutoML.Tests.Fixtures;

/// <summary>The loop of an experiment without training: propose, measure, update.</summary>
internal static class Loop
{
    public static List<Parameter> Run(ITuner tuner, int trials, Func<Parameter, TrialResult?> measure)
    {
        var proposed = new List<Parameter>();
        for (int i = 0; i < trials; i++)
        {
            var settings = new TrialSettings { TrialId = i, Parameter = Parameter.CreateNestedParameter() };
            settings.Parameter = tuner.Propose(settings);
            proposed.Add(settings.Parameter);
            if (measure(settings.Parameter) is { } result)
            {
                result.TrialSettings = settings;
                tuner.Update(result);
            }
        }
        return proposed;
    }

    public static List<Parameter> Run(ITuner tuner, int trials, Func<Parameter, double> loss) => Run(tuner, trials, parameter => new TrialResult { Loss = loss(parameter) });
}
